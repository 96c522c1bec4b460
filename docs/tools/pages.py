"""Hook of MkDocs: pages and pictures from the whole repository, at the paths that they have in it."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PATTERNS = ("*.md", "LICENSE", "benchmarks/RESULTS.md", "examples/*.*", "assets/*.gif", "assets/gallery/*.[!h]*")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Move the files of docs/ to the path docs/, and add those of the repository that PATTERNS match."""
    own = [file for file in files if file.src_dir == config.docs_dir and file.inclusion.is_included()]
    for file in own:
        files.remove(file)
    inside = {Path(str(file.abs_src_path)) for file in own}
    for path in sorted(inside.union(*map(ROOT.glob, PATTERNS))):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files
