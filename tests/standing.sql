-- Copies of the test database's rows, and what brings them back (tests/standing.py).
DROP SCHEMA IF EXISTS standing CASCADE;
CREATE SCHEMA standing;
CREATE TABLE standing.copy (
    scene text, relation regclass, name text NOT NULL, columns text NOT NULL, print text NOT NULL,
    PRIMARY KEY (scene, relation)
);

-- Changes with every row that was inserted, updated or deleted by a transaction that committed.
CREATE FUNCTION standing.print_of(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    print text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(ctid::text || xmin::text, '' '' ORDER BY ctid)) FROM %s', relation)
    INTO print;
    RETURN coalesce(print, '');
END $$;

-- Tables that are not as they were at the start. One that was empty then and was never written to has no size.
CREATE FUNCTION standing.changed() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT c.oid::regclass
    FROM pg_class c LEFT JOIN standing.copy s ON s.relation = c.oid AND s.scene = 'start'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND CASE WHEN s.print IS NULL THEN pg_relation_size(c.oid) > 0 ELSE standing.print_of(c.oid) <> s.print END
$$;

-- What differs from the start, kept under this name.
CREATE FUNCTION standing.keep(scene text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    FOR kept IN
        SELECT relation, format('standing.%I', scene || ' ' || relation) AS name,
               (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
               standing.print_of(relation) AS print
        FROM standing.changed() AS relation
    LOOP
        CONTINUE WHEN kept.print = '';
        EXECUTE format('CREATE TABLE %s AS SELECT %s FROM %s', kept.name, kept.columns, kept.relation);
        INSERT INTO standing.copy VALUES (scene, kept.relation, kept.name, kept.columns, kept.print);
    END LOOP;
END $$;

-- As a replica, so that neither foreign keys nor the ledger's refusals stand in the way.
CREATE FUNCTION standing.bring(wanted text) RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    kept standing.copy;
BEGIN
    FOR kept IN SELECT * FROM standing.copy WHERE scene = wanted LOOP
        EXECUTE format('DELETE FROM %s', kept.relation);
        EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM %s', kept.relation, kept.columns, kept.name);
    END LOOP;
END $$;

CREATE FUNCTION standing.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    written record;
BEGIN
    FOR written IN
        SELECT changed AS relation, s.name, s.columns
        FROM standing.changed() AS changed LEFT JOIN standing.copy s ON s.relation = changed AND s.scene = 'start'
    LOOP
        EXECUTE format('DELETE FROM %s', written.relation);
        CONTINUE WHEN written.name IS NULL;
        EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM %s', written.relation, written.columns, written.name);
        UPDATE standing.copy SET print = standing.print_of(relation)
        WHERE scene = 'start' AND relation = written.relation;
    END LOOP;
END $$;
