"""Nothing lost: whatever happens to a batch, every case is there once in the end, and the input is what it was.

`test_batch.py` has what interrupts it at a known step; here stand a disk that is full, two runs at a time, and kills at any
moment. `python tests/killing.py FORM` kills a batch of any length in any form.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import randrange

import pytest
from commands import edx
from killing import digests, killed

from reasoner.batch import journal as batch_journal
from reasoner.batch.journal import Journal
from reasoner.batch.run import Advance, run_batch
from reasoner.cli.exits import DONE, USAGE
from reasoner.errors import UsageError
from reasoner.generation.case_text import write_cases
from reasoner.generation.generator import SPACE, generate_cases

CASES = 40
FORMS = ("jsonl", "parquet", "nq", "trig", "folder")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in") / "cases.nq"
    path.write_text("".join(write_cases(generate_cases(CASES, seed=5, defects=10), "nquads", SPACE)), "utf-8")
    return path


def place_of(form: str, folder: Path) -> Path:
    return folder / ("reports" if form == "folder" else f"results.{form}")


def arguments(form: str, source: Path, place: Path) -> list[str]:
    to = ["-o", f"{place}/", "--format", "json"] if form == "folder" else ["--to", str(place)]
    return ["determine", str(source), "--policy", "bcbsnd", "-j", "1", *to]


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What a run without incident leaves, by form."""
    found = {}
    for form in FORMS:
        place = place_of(form, tmp_path_factory.mktemp("out"))
        assert edx(*arguments(form, source, place)).exit_code == 1  # some are refused
        found[form] = digests(place)
    return found


# A full disk ---------------------------------------------------------------------------------

ON_A_SMALL_DISK = """
set -u
mount -t tmpfs -o size=$ROOM tmpfs "$DISK" || exit 77
run() { "$@" >"$OUT/said" 2>&1; echo $? >>"$OUT/codes"; cat "$OUT/said" >>"$OUT/all"; }
run "$@"
ls -A "$DISK" >"$OUT/left"
mount -o remount,size=200m "$DISK"
run "$@"
cp -r "$DISK"/. "$OUT/disk"
umount "$DISK"
"""


def on_a_small_disk(room: int, command: list[str], disk: Path, out: Path) -> tuple[list[int], str]:
    """A command on a disk of so many bytes, and again when there is more room: exit codes and all that was said."""
    unshare = ["unshare", "--mount"] if shutil.which("unshare") else []
    for rights in (unshare, [*unshare, "--user", "--map-root-user"]):
        if not unshare or subprocess.run([*rights, "true"], capture_output=True, check=False).returncode:
            continue
        done = subprocess.run(
            [*rights, "sh", "-c", ON_A_SMALL_DISK, "sh", *command],
            env={**os.environ, "DISK": str(disk), "OUT": str(out), "ROOM": str(room)},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        if done.returncode == 77:
            continue
        assert done.returncode == 0, done.stderr
        return [int(code) for code in (out / "codes").read_text().split()], (out / "all").read_text("utf-8")
    pytest.skip("no right to mount a small disk here; `test_batch` limits the size of a file instead")


@pytest.mark.parametrize(
    "share", [0.0, pytest.param(0.4, marks=pytest.mark.slow), pytest.param(0.97, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("form", ["jsonl", *(pytest.param(form, marks=pytest.mark.slow) for form in FORMS[1:])])
def test_a_full_disk_is_said_and_with_more_room_the_same_command_ends_well(
    form: str, share: float, source: Path, undisturbed: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """No room for anything, for less than half of the results, for nearly all of them."""
    disk, out = tmp_path / "disk", tmp_path / "out"
    disk.mkdir()
    out.mkdir()
    size = sum(size_of(source, form, tmp_path))
    room = max(4096, int(size * share) + 16_384 if share else 4096)
    before = digests(source)
    command = [sys.executable, "-m", "reasoner", *arguments(form, source, place_of(form, disk))]
    codes, said = on_a_small_disk(room, command, disk, out)
    assert codes[0] == USAGE, said
    assert "cannot be written" in said
    assert "Traceback" not in said
    assert "report this" not in said
    left = (out / "left").read_text().split()
    assert form == "folder" or place_of(form, disk).name not in left  # no half of a file under the name of the results
    assert codes[1] == 1, said
    assert digests(place_of(form, out / "disk")) == undisturbed[form]
    assert digests(source) == before


def size_of(source: Path, form: str, folder: Path) -> list[int]:
    place = place_of(form, folder / "sized")
    edx(*arguments(form, source, place))
    paths = list(place.rglob("*")) if place.is_dir() else [place]
    return [-(-path.stat().st_size // 4096) * 4096 for path in paths if path.is_file()]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("command", [["generate", "400"], ["policies"]])
def test_an_output_that_is_full_is_no_fault_of_the_program(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reasoner", *command], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == USAGE
    assert b"cannot be written: No space left on device" in done.stderr
    assert b"report this" not in done.stderr
    assert b"Traceback" not in done.stderr


# Two runs at a time ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["jsonl", "folder"])
def test_while_one_run_writes_a_second_is_refused_and_harms_nothing(
    form: str, source: Path, undisturbed: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    place = place_of(form, tmp_path)
    refused = []

    def second(advance: Advance) -> None:
        if len(refused) < 3:
            refused.append(edx(*arguments(form, source, place), *(["--restart"] if len(refused) == 2 else [])))

    files = "json" if form == "folder" else None
    run_batch([str(source)], place, files=files, policies=["bcbsnd"], processes=1, task_bytes=1, tell=second)
    assert len(refused) == 3
    for result in refused:
        assert result.exit_code == USAGE
        assert "is being written by another run. Wait for it, or choose another place." in result.stderr
    assert digests(place) == undisturbed[form]


def test_until_the_last_trace_of_a_run_is_gone_no_other_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run that began while the first clears up would lose its own file to it."""
    folder, results = tmp_path / "results.jsonl.unfinished", tmp_path / "results.jsonl"
    refusals = []

    def slow_removal(path: Path, *, ignore_errors: bool) -> None:
        for left in sorted(Path(path).iterdir()):
            left.unlink()
            with pytest.raises(UsageError, match="written by another run") as error:
                Journal(folder, results)
            refusals.append(error)
        Path(path).rmdir()

    journal = Journal(folder, results)
    (folder / "results").write_bytes(b"x")
    monkeypatch.setattr(batch_journal.shutil, "rmtree", slow_removal)
    journal.close(remove=True)
    assert len(refusals) >= 2
    assert not folder.exists()
    following = Journal(folder, results)
    following.close(remove=False)


@pytest.mark.slow
def test_many_runs_at_once_leave_what_one_leaves(
    source: Path, undisturbed: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    place = place_of("jsonl", tmp_path)
    command = [sys.executable, "-m", "reasoner", *arguments("jsonl", source, place)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ended = [(running.communicate(timeout=240)[1], running.returncode) for running in runs]
    assert {code for _, code in ended} <= {1, USAGE}
    assert 1 in {code for _, code in ended}
    assert all("written by another run" in said for said, code in ended if code == USAGE)
    assert digests(place) == undisturbed["jsonl"]
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]


def test_reports_of_an_earlier_run_in_the_same_folder_are_told_of(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "reports"
    assert edx(*arguments("folder", source, place)).exit_code == 1
    again = edx(*arguments("folder", source, place))
    assert "of an earlier run" not in again.output
    fewer = tmp_path / "fewer.nq"
    fewer.write_text("".join(write_cases(generate_cases(3, seed=6), "nquads", SPACE)), "utf-8")
    told = edx(*arguments("folder", fewer, place))
    assert told.exit_code == DONE
    written = sum(path.name[0] == "0" for path in place.iterdir()) - 3
    assert f"also holds {written} reports of an earlier run; --restart begins anew without them" in told.stderr
    anew = edx(*arguments("folder", fewer, place), "--restart")
    assert "of an earlier run" not in anew.output
    assert sorted(path.name[:7] for path in place.iterdir()) == ["0000001", "0000002", "0000003"]


# Killed --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("form", "cases", "kills"), [("jsonl", 5000, 20), ("nq", 400, 5)])
def test_killed_at_any_moment_every_case_is_there_once(
    form: str, cases: int, kills: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = randrange(10**6)
    found = killed(form, tmp_path, cases=cases, kills=kills, seed=seed)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.found == found.cases == cases
    assert found.doubled == 0
    assert found.equal
    assert found.input_unchanged
    assert found.kills == kills


UNCUT = """
from reasoner.batch import outputs, run
run._SAVE_EVERY = 0.3
sound = outputs._OneFile.go_on
def go_on(self, length, *, anew):
    sound(self, length if anew else self.data.stat().st_size, anew=anew)
outputs._OneFile.go_on = go_on
"""


@pytest.mark.slow
def test_results_that_are_not_cut_back_to_what_was_saved_are_found(tmp_path: Path) -> None:
    """Planted: a run goes on at the end of the file, where what was not saved stands already."""
    found = killed("jsonl", tmp_path, cases=800, kills=6, seed=3, planted=UNCUT)
    assert not found.equal
    assert found.doubled > 0
