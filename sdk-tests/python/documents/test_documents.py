"""The servers keep to their OpenAPI documents: schemathesis asks for everything in them, with and without sense.

No answer is a server error, of a status or shape that the document does not name, or a way around the token. What is wrong
is refused, what was made is there, and what was deleted is gone. `schemathesis.toml` says which checks are left out, and why.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support import TOKEN, Backend

# Requests for each operation and phase, and the seed that they are made from: the same ones at every run.
EXAMPLES = 15
SEED = 1

# Longest run: it takes half a minute on a machine that does nothing else, and some minutes on one that does much.
LIMIT = 600


def examine(url: str, headers: dict[str, str], linked: bool) -> None:
    """Runs schemathesis over the document that is served below the URL. Linked: an operation makes what others ask for."""
    program = Path(sys.executable).parent / "schemathesis"
    here = Path(__file__).parent
    arguments = ["--config-file", str(here / "schemathesis.toml"), "run", f"{url}/openapi.json", "--max-examples", str(EXAMPLES), "--seed", str(SEED)]
    arguments += ["--generation-database", "none", "--continue-on-failure", "--no-color", "--warnings", "off"]
    for name, value in headers.items():
        arguments += ["--header", f"{name}: {value}"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": f"{here}:{here.parent}"}
    # It leaves files where it runs.
    with tempfile.TemporaryDirectory() as elsewhere:
        run = subprocess.run([program, *arguments], cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert run.returncode == 0, run.stdout + run.stderr
    for phase in ["Coverage", "Fuzzing", *(["Stateful", "API Links"] if linked else [])]:
        assert f"{phase} (in" in run.stdout or f"{phase}:" in run.stdout, run.stdout


@pytest.mark.parametrize("generation", [{}, {"x-fishjam-api-client": "schemathesis/1"}], ids=["archived", "living"])
def test_the_media_server_keeps_to_its_document(server, generation):
    examine(server.url, {"Authorization": f"Bearer {TOKEN}", **generation}, linked=True)


def test_the_backend_keeps_to_its_document():
    backend = Backend(os.environ["VIDEOROOM_BIN"])
    try:
        examine(backend.url, {}, linked=False)
    finally:
        backend.stop()
