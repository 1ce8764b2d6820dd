"""A real Flink cluster on this machine, from package registries alone: one JobManager, two TaskManagers of two slots, a job server.

    with running(home) as cluster:          # stopped at the end, whatever happens
        options = cluster.given()

or `python -m tests.cluster.flink start|status|stop|kill-taskmanager N|start-taskmanager N`, state in build/flink.
Tested pair: Flink 1.19.3, Beam's Flink runner and job server 2.62.0 (Java) under Beam's Python SDK 2.77.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLINK = "1.19.3"
BEAM = "2.62.0"
NAMES = ("jobserver", "taskmanager1", "taskmanager2", "jobmanager")  # in the order they are stopped
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "corpusledger" / f"flink-{FLINK}-beam-{BEAM}"
UP_WITHIN_S = 120

OPENED = (
    *("lang", "util", "net", "io", "nio", "lang.reflect", "text", "time"),
    *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
)
LOG4J = """rootLogger.level = INFO
rootLogger.appenderRef.c.ref = C
appender.c.name = C
appender.c.type = CONSOLE
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d %-5p %c{1} - %m%n
"""
# The sizes that Flink's own start script would work out; two slots need 192 MB of network memory, 64 MB fail.
TASKMANAGER_MEMORY = {
    "framework.heap.size": "128mb", "task.heap.size": "768mb", "managed.size": "256mb",
    "network.min": "192mb", "network.max": "192mb", "framework.off-heap.size": "128mb", "task.off-heap.size": "0b",
    "jvm-metaspace.size": "256mb", "jvm-overhead.min": "192mb", "jvm-overhead.max": "192mb",
}  # fmt: skip


def missing() -> list[str]:
    """The programs that a cluster needs and this machine lacks."""
    return [program for program in ("java", "mvn", "setpriv") if shutil.which(program) is None]


@dataclass(frozen=True)
class Ports:
    """The TCP ports of one cluster, all on the loopback address."""

    rest: int = 8081
    rpc: int = 6123
    job: int = 8099
    artifact: int = 8098
    expansion: int = 8097


@dataclass(frozen=True)
class Cluster:
    """A cluster whose state (configuration, logs, process ids, temporary files) lies in *home*."""

    home: Path
    ports: Ports
    bound: bool = False  # its processes die with the process that started them

    def given(self) -> list[str]:
        """What a Python pipeline must be told to run here, as ``key=value``; the product's `flink` runner knows the rest."""
        return [
            f"job_endpoint=localhost:{self.ports.job}",
            f"artifact_endpoint=localhost:{self.ports.artifact}",
            "environment_type=PROCESS",
            "environment_config=" + json.dumps({"command": str(self.home / "worker")}),
        ]

    def start(self) -> None:
        """Bring everything up; raises RuntimeError, naming the log folder, when it does not come up."""
        self._configure()
        self._launch("jobmanager", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                     "--configDir", str(self.home / "conf"), "--executionMode", "cluster")  # fmt: skip
        self._await(lambda: self.overview() is not None, "the JobManager")
        for number in (1, 2):
            self.start_taskmanager(number)
        self._await(lambda: (self.overview() or {}).get("slots-total") == 4, "two TaskManagers of two slots")
        self._launch("jobserver", "org.apache.beam.runners.flink.FlinkJobServerDriver", "--job-host=localhost",
                     f"--job-port={self.ports.job}", f"--artifact-port={self.ports.artifact}",
                     f"--expansion-port={self.ports.expansion}", f"--artifacts-dir={self.home / 'artifacts'}",
                     f"--flink-master=localhost:{self.ports.rest}")  # fmt: skip
        self._await(lambda: listens(self.ports.job), "the job server")

    def start_taskmanager(self, number: int) -> None:
        """Start TaskManager 1 or 2 (again)."""
        sizes = [f"-Dtaskmanager.memory.{name}={size}" for name, size in TASKMANAGER_MEMORY.items()]
        self._launch(f"taskmanager{number}", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                     "--configDir", str(self.home / "conf"), f"-Dtaskmanager.resource-id=tm{number}-{time.time_ns()}",
                     "-Dtaskmanager.cpu.cores=2", *sizes)  # fmt: skip

    def kill_taskmanager(self, number: int) -> None:
        """Kill TaskManager 1 or 2 and its Python worker, as a lost machine would."""
        self._end(f"taskmanager{number}", signal.SIGKILL)

    def stop(self) -> None:
        """End every process of the cluster; does nothing for those that are gone."""
        for name in NAMES:
            self._end(name, signal.SIGTERM)

    def overview(self) -> dict[str, int | str] | None:
        """What the cluster says of itself; None while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.ports.rest}/overview", timeout=5) as answer:
                found: dict[str, int | str] = json.load(answer)
        except (OSError, ValueError):
            return None
        return found

    def _configure(self) -> None:
        for folder in ("lib", "conf", "log", "tmp", "artifacts"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        for jar in jars():
            (self.home / "lib" / jar.name).unlink(missing_ok=True)
            (self.home / "lib" / jar.name).symlink_to(jar)
        config = {
            "jobmanager": {"rpc": {"address": "localhost", "port": self.ports.rpc}, "bind-host": "localhost",
                           "memory": {"process": {"size": "1024m"}}},
            "taskmanager": {"bind-host": "localhost", "host": "localhost", "numberOfTaskSlots": 2},
            "parallelism": {"default": 4},
            "rest": {"address": "localhost", "port": self.ports.rest, "bind-address": "localhost"},
            "io": {"tmp": {"dirs": str(self.home / "tmp")}},
            "heartbeat": {"timeout": 10000, "interval": 2000},
            "classloader": {"resolve-order": "parent-first"},
            "restart-strategy": {"type": "fixed-delay", "fixed-delay": {"attempts": 3, "delay": "2 s"}},
        }  # fmt: skip
        (self.home / "conf/config.yaml").write_text(json.dumps(config))  # JSON is YAML
        (self.home / "conf/log4j.properties").write_text(LOG4J)
        worker = self.home / "worker"
        worker.write_text(
            f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\n'
            f'exec "{sys.executable}" -m pipelines.worker_boot "$@" >> "{self.home}/log/worker.$$.log" 2>&1\n'
        )
        worker.chmod(0o755)

    def _launch(self, name: str, java_class: str, *arguments: str) -> None:
        opens = [f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in OPENED]
        lifeline = ["setpriv", "--pdeathsig", "TERM"] if self.bound else []
        command = [
            *lifeline, "java", *opens, "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
            "-Xmx1000m", "-XX:MaxDirectMemorySize=600m", f"-Dlog4j.configurationFile=file:{self.home}/conf/log4j.properties",
            "-cp", f"{self.home}/lib/*", java_class, *arguments,
        ]  # fmt: skip
        # A group of its own, so that the Python workers which a TaskManager forks are ended with it.
        with (self.home / "log" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        (self.home / f"{name}.pid").write_text(str(process.pid))

    def _end(self, name: str, how: signal.Signals) -> None:
        note = self.home / f"{name}.pid"
        if not note.exists():
            return
        group = int(note.read_text())
        note.unlink()
        with suppress(ProcessLookupError):
            os.killpg(group, how)
            for _ in range(50):
                with suppress(ChildProcessError):
                    os.waitpid(group, os.WNOHANG)
                os.killpg(group, 0)  # raises once nobody of the group is left
                time.sleep(0.1)
            os.killpg(group, signal.SIGKILL)

    def _await(self, up: Callable[[], bool], what: str) -> None:
        for _ in range(UP_WITHIN_S * 4):
            if up():
                return
            time.sleep(0.25)
        message = f"{what}: not up after {UP_WITHIN_S} s; see {self.home / 'log'}"
        raise RuntimeError(message)


def jars() -> list[Path]:
    """Flink's and Beam's jars, fetched once into the user's cache: `mvn` and `pip` ask their registries for them."""
    flink, beam = CACHE / "flink", CACHE / "beam"
    if not beam.exists():
        with _arriving(beam) as folder:
            subprocess.run(
                ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
                check=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
    if not flink.exists():
        with _arriving(flink) as folder:
            subprocess.run(
                [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), f"apache-flink-libraries=={FLINK}"],
                check=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
    # One class path for all: Flink's own jars, and beside them what Beam brings but Flink and its logging.
    brought = [jar for jar in sorted(beam.glob("*.jar")) if not jar.name.startswith(("flink-", "slf4j-", "log4j-"))]
    return sorted((flink / "pyflink/lib").glob("*.jar")) + brought


def free_ports() -> Ports:
    """Ports that nobody listens on now, so that several clusters may stand side by side."""
    with_ports = [socket.create_server(("localhost", 0)) for _ in range(5)]
    numbers = [server.getsockname()[1] for server in with_ports]
    for server in with_ports:
        server.close()
    return Ports(*numbers)


def listens(port: int) -> bool:
    """Whether anybody accepts connections on *port* of this machine."""
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


@contextmanager
def running(home: Path) -> Iterator[Cluster]:
    """A cluster on free ports for as long as the block lasts; it also dies with the process that runs the block."""
    cluster = Cluster(home.resolve(), free_ports(), bound=True)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def _arriving(folder: Path) -> Iterator[Path]:
    """A temporary folder that takes the name *folder* only when it is complete."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    try:
        yield partial
        if not folder.exists():
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def main(act: str = "", number: str = "1") -> int:
    """The command line: what the module's docstring says."""
    cluster = Cluster(ROOT / "build/flink", Ports())
    if act == "start":
        cluster.start()
        print("\n".join(f"--option '{option}'" for option in cluster.given()))
    elif act == "stop":
        cluster.stop()
    elif act == "status":
        print(json.dumps(cluster.overview()))
    elif act == "kill-taskmanager":
        cluster.kill_taskmanager(int(number))
    elif act == "start-taskmanager":
        cluster.start_taskmanager(int(number))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
