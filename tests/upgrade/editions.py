"""Two editions of the programs: the released ones out of git, and the present ones whose schema has additions besides.

Each is a tree and an interpreter of its own. The packages they use are the installed ones.
"""

import io
import os
import shutil
import subprocess
import sysconfig
import tarfile
import venv
from pathlib import Path

import msgspec
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAMED = HERE / "released" / "commit"
VENDOR = "src/trustmed/web/static/vendor"  # not in git: set-up puts it there

# What the additions are to the list of flows and to that of watched tables, as a release would write it there.
LISTED = {
    "flows.py": """
FLOWS = (
    *FLOWS,
    Flow("mpi.skew_note", Place.SITE, Place.MPI, ("organization_id", "id"), recent_by="id"),
    Flow("nsi.skew_hint", Place.NSI, Place.SITE, ("id",), recent_by="id"),
)
""",
    "watched.py": """
WATCHED[Place.MPI] = (*WATCHED[Place.MPI], "mpi.skew_note")
""",
}


class Edition(msgspec.Struct, frozen=True):
    """The programs of one version."""

    name: str
    python: Path
    knows_citizens: bool = True

    def argv(self, *words: str) -> tuple[str, ...]:
        """The command line of `trustmed WORDS`."""
        return (str(self.python), "-m", "trustmed.cli", *words)


def released_commit() -> str:
    """The commit that `released/commit` names."""
    lines = NAMED.read_text("utf-8").splitlines()
    (commit,) = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return commit


def released(folder: Path) -> Edition:
    """The released programs, out of this clone's history."""
    with tarfile.open(fileobj=io.BytesIO(_archive(released_commit()))) as archive:
        archive.extractall(folder, filter="data")
    shutil.copytree(ROOT / VENDOR, folder / VENDOR)
    return msgspec.structs.replace(_edition("released", folder), knows_citizens=False)


def enlarged(folder: Path) -> Edition:
    """The present programs, whose schema has the additions that no program needs yet."""
    shutil.copytree(ROOT / "src", folder / "src")
    shutil.copytree(HERE / "additions", folder / "src/trustmed/schema", dirs_exist_ok=True)
    for name, lines in LISTED.items():
        with (folder / "src/trustmed/topology" / name).open("a") as listed:
            listed.write(lines)
    return _edition("enlarged", folder)


def _archive(commit: str) -> bytes:
    command = ("git", "-C", ROOT, "archive", "--format=tar", commit, "src")
    try:
        return subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        words = error.stderr.decode() if isinstance(error, subprocess.CalledProcessError) else str(error)
        pytest.fail(
            f"Commit {commit}, which {NAMED.relative_to(ROOT)} names, cannot be read from the history of"
            f" {ROOT}: {words.strip()}\nA clone with its history is needed; a shallow one gets it by:"
            " git fetch --unshallow"
        )


def _edition(name: str, folder: Path) -> Edition:
    """An environment where `import trustmed` finds this tree, and all else is as in the present one."""
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    present = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (packages / "edition.pth").write_text("\n".join((str(folder / "src"), *present)) + "\n")
    edition = Edition(name, environment / "bin" / "python")
    _require_own(edition, folder)
    return edition


def _require_own(edition: Edition, folder: Path) -> None:
    command = (edition.python, "-c", "import trustmed.cli; print(trustmed.__file__)")
    found = subprocess.run(command, capture_output=True, check=True, text=True, env=environ()).stdout.strip()
    assert Path(found).is_relative_to(folder / "src"), f"{edition.name} programs would run {found}"


def environ() -> dict[str, str]:
    """The environment of programs of either edition: none of this one's paths."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "TRUSTMED"))
    }
