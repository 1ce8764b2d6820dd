"""The program a Flink TaskManager starts for a Python worker (Beam's PROCESS environment): `corpusledger-worker`.

Flink passes an id and the provision service's address; that service tells the rest, as the boot program of Beam's own
container image reads it. Both slots of a TaskManager share one such process.
"""

import argparse
import os
import sys
import tempfile

import grpc
from apache_beam.portability.api import beam_provision_api_pb2 as provision
from apache_beam.portability.api import beam_provision_api_pb2_grpc as provision_grpc
from apache_beam.runners.worker import sdk_worker_main
from apache_beam.runners.worker.worker_id_interceptor import WorkerIdInterceptor
from google.protobuf import json_format

ANSWER_TIMEOUT_S = 60


def main() -> None:
    """Ask the provision service who we are, then be that worker until the runner hangs up."""
    parser = argparse.ArgumentParser(prog="corpusledger-worker", description="started by a runner, not by people")
    parser.add_argument("--id", required=True)
    parser.add_argument("--provision_endpoint", required=True)
    flags, _ = parser.parse_known_args()
    # What Beam's worker reads; it takes these from the environment alone, in a container as here.
    os.environ |= provisioned(flags.id, flags.provision_endpoint)
    sdk_worker_main.main(sys.argv)


def provisioned(worker_id: str, endpoint: str) -> dict[str, str]:
    """The environment variables of worker *worker_id*, as the provision service at *endpoint* (host:port) gives them."""
    with grpc.insecure_channel(endpoint) as bare:
        channel = grpc.intercept_channel(bare, WorkerIdInterceptor(worker_id))
        stub = provision_grpc.ProvisionServiceStub(channel)
        info = stub.GetProvisionInfo(provision.GetProvisionInfoRequest(), timeout=ANSWER_TIMEOUT_S).info
    return {
        "WORKER_ID": worker_id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "CONTROL_API_SERVICE_DESCRIPTOR": f'url: "{info.control_endpoint.url}"',
        "LOGGING_API_SERVICE_DESCRIPTOR": f'url: "{info.logging_endpoint.url}"',
        "SEMI_PERSISTENT_DIRECTORY": tempfile.gettempdir(),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }


if __name__ == "__main__":
    main()
