"""deploy/ and docs/operations.md, as far as a machine without Docker can judge them."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from config.embedded.places import ROOT

SYSTEMD = ROOT / "deploy" / "systemd"
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
# read by others than the shop: the web server's launcher, the embedded servers, pg_dump's search
READ_OUTSIDE_SETTINGS = {
    "HOST",
    "PORT",
    "WEB_WORKERS",
    "WEB_THREADS",
    "WEB_STOP_SECONDS",
    "METRICS_DIR",
    "PG_BIN",
    "DEMO",
    "MALL_VAR_DIR",
}


def unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(SYSTEMD / name)
    return parser


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for path in SYSTEMD.iterdir():
        here = path.read_text().replace("/srv/mall/.venv/bin/python", shutil.which("python3") or "")
        (tmp_path / path.name).write_text(here)
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.glob("mall-*")))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "mall-" in line] == []


@pytest.mark.parametrize("name", ["mall-web.service", "mall-worker.service", "mall-beat.service"])
def test_each_unit_runs_unprivileged_and_has_the_time_to_stop(name: str) -> None:
    service = unit(name)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("mall", "true", "strict")
    assert int(service["TimeoutStopSec"]) > 10
    if name != "mall-beat.service":
        assert service["KillMode"] == "mixed"  # or Celery's pool dies with its task


def test_compose_has_every_part_and_one_beat() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "valkey", "nginx"}
    assert all("deploy" not in service and "scale" not in service for service in services.values())
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_compose_opens_one_port_to_this_machine_alone() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:80"]


def test_units_and_compose_start_the_same_programs() -> None:
    for name in ("web", "worker", "beat"):
        by_systemd = unit(f"mall-{name}.service")["Service"]["ExecStart"].split()[1:]
        by_compose = COMPOSE["services"][name]["command"][1:]
        assert (by_systemd[:2], by_systemd[-2:] == by_compose[-2:]) == (by_compose[:2], name != "web")


def test_what_compose_mounts_and_copies_exists() -> None:
    assert (ROOT / "deploy" / "nginx.compose.conf").exists()
    for words in re.findall(r"^COPY (.+) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE):
        assert all((ROOT / word).exists() for word in words.split())


def names_that_are_read() -> set[str]:
    """Environment variables of settings.py, from its text."""
    text = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "outside.py"))
    return set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", text)) | READ_OUTSIDE_SETTINGS


def test_the_example_explains_every_variable_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    explained = set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE))
    assert {name for name in explained if not name.startswith("POLICY_")} == names_that_are_read()


def test_the_manual_has_every_variable_in_its_table() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    in_table = {
        name for row in re.findall(r"^\| (`.+?) \|", manual, re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", row)
    }
    assert names_that_are_read() - in_table == set()


@pytest.mark.parametrize("name", ["operations.md", "operations.zh-CN.md"])
def test_files_that_the_manuals_name_exist(name: str) -> None:
    text = (ROOT / "docs" / name).read_text()
    named = set(re.findall(r"\b((?:deploy|config|docs)/[\w./-]+\w)", text)) - {"deploy/mall.env", "deploy/.env"}
    assert named != set()
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
