"""Parts of an address. What they don't match is no address: it is answered 404 before any query."""


class IdConverter:
    """A row's id, small enough for the database."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class NumberConverter:
    """A public number of an order or a payment attempt."""

    regex = "[0-9]{1,24}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
