"""Files stay whole, and nothing temporary is left, when processes are killed, meet in a folder, or lose that folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dropviz._util.files import check_writable, replace_whole
from dropviz._util.temporary import DAY, LOCK, OURS, temporary_folder
from dropviz.errors import OutputError

ROOT = Path(__file__).parents[1]
# Each way to write is killed before each of its operations on files, and between two writes. Then it runs again.
KILLED = """
import os, sys
from pathlib import Path
from dropviz._util.files import replace_files, replace_numbered, replace_together, replace_whole

def whole(text):
    with replace_whole(Path("a.txt")) as file:
        for letter in text:
            step()
            file.write(letter.encode())
            file.flush()

def frames(text):
    with replace_numbered(Path("f-%d.txt")) as place:
        for number in range(2):
            place(number).write_text(text)

def pictures(text):
    with replace_files(Path()) as new:
        for number in range(2):
            (new / f"p-{number}.txt").write_text(text)

def deck(text):
    with replace_together(Path("d.tex")) as new:
        (new / "d-frames").mkdir()
        (new / "d-frames/1.txt").write_text(text)
        (new / "d.tex").write_text(text)

def step():
    global left
    left -= 1
    if left == 0:
        os._exit(9)

def watch(event, _args):
    if event in {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "fcntl.flock", "os.listdir", "os.scandir"}:
        step()

def files():
    return {str(path): path.read_text() for path in sorted(Path().rglob("*.t*")) if ".part" not in str(path)}

def end(write, text):
    global left
    child = os.fork()
    if child == 0:
        sys.addaudithook(watch)
        write(text)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

top = Path().absolute()
for write in (whole, frames, pictures, deck):
    for before in (True, False):
        after, ended = 0, 9
        while ended:
            after += 1
            left = -1
            folder = top / f"{write.__name__}-{before}-{after}"
            folder.mkdir()
            os.chdir(folder)
            if before:
                write("old")
            left = after
            ended = end(write, "new")
            assert ended in (0, 9)
            assert set(files().values()) <= {"old", "new"}, files()
            assert write is deck or not before or len(files()) == len({"a.txt"} if write is whole else "01"), files()
            left = -1
            whole("other")  # the next run, whatever it writes
            del (found := files())["a.txt"]
            assert write in (frames, pictures) or len(set(found.values())) <= 1, found
            assert write is not deck or len(found) == 2 or (not before and not found), found
            write("new")
            assert set(files().values()) <= {"new", "other"}
            assert not [name for name in os.listdir() if name.startswith(".")], os.listdir()
        assert after > 8
    print(write.__name__, "ok")
"""
MEETING = """
import os, sys
from pathlib import Path
from dropviz._util.files import check_writable, replace_together

children = []
for name in "abcd":
    if (child := os.fork()) == 0:
        for _ in range(50):
            check_writable(Path("d.tex"))
            with replace_together(Path("d.tex")) as new:
                (new / "d-frames").mkdir()
                (new / "d-frames/1.txt").write_text(name)
                (new / "d.tex").write_text(name)
        os._exit(0)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
assert Path("d.tex").read_text() == Path("d-frames/1.txt").read_text()
assert sorted(os.listdir()) == ["d-frames", "d.tex"]
print("ok")
"""
ORPHAN = """
import multiprocessing, os, time
from dropviz.training.spawning import end_with_parent

def work():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work).start()
    time.sleep(60)
"""
IDLE = """
import time
from dropviz.training import joblib_backend

if __name__ == "__main__":
    joblib_backend._train = max  # a task that does not watch the parent
    with joblib_backend.use_backend("loky"):
        print(*joblib_backend._train_all([(1, 2), (3, 4)], 2), flush=True)
        time.sleep(60)
"""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")


def python(folder, *arguments):
    """What a script prints; it must not fail."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=bare)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_process_may_be_killed_at_any_moment(tmp_path):
    """Every file is whole, a deck and its folder are of one run after the next one, and nothing temporary is left."""
    assert python(tmp_path, "-c", KILLED) == "whole ok\nframes ok\npictures ok\ndeck ok\n"


def test_processes_that_write_the_same_deck(tmp_path):
    """Four processes write one deck 50 times each: none fails, file and folder are of the same one, nothing is left."""
    assert python(tmp_path, "-c", MEETING) == "ok\n"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system does not list processes in /proc")
def test_commands_that_are_disturbed():
    """Files written at their own place, or checkpoints that stay, are found by a short run of the script of faults."""
    printed = python(ROOT, "-m", "tests.faults", "kills", "resume", "full-disk", "meetings", "--count", "2")
    assert printed.count(" whole     0 left") >= 7


def test_what_is_deleted_as_abandoned(tmp_path):
    """Folders of killed processes go; those of living ones, of other machines for a day, and links stay."""
    other = OURS.replace(OURS[-9:-1], "0" * 8)
    names = ["killed", "early", "living", "near", "far", "link"]
    paths = {name: tmp_path / f"{other if name in ('near', 'far') else OURS}{name}.part" for name in names}
    for name in ("killed", "early", "near", "far"):
        paths[name].mkdir()
        (paths[name] / (LOCK if name != "early" else "new")).touch()
    paths["link"].symlink_to(tmp_path.parent)
    os.utime(paths["far"], (0, paths["far"].stat().st_mtime - 2 * DAY))
    with temporary_folder(tmp_path) as living:
        check_writable(tmp_path / "a.gif")
        assert set(tmp_path.iterdir()) == {living, paths["near"], paths["link"]}
    assert set(tmp_path.iterdir()) == {paths["near"], paths["link"]}


def test_a_folder_that_vanishes_is_named(tmp_path):
    """When the folder of the output is deleted meanwhile, one line says so."""
    path = tmp_path / "new/a.txt"
    with pytest.raises(OutputError, match=r"cannot write .*a\.txt: No such file"), replace_whole(path):
        shutil.rmtree(path.parent)


@pytest.mark.parametrize("code", [ORPHAN, IDLE], ids=["at work", "before its first run"])
def test_workers_end_with_their_parent(code, tmp_path):
    """A worker ends when the process that started it is killed: the pipe that both hold is closed."""
    script = tmp_path / "script.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        process.kill()
        process.communicate(timeout=30)
