"""``python -m facerecog``: fetch the networks, embed, compare and detect at a terminal."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="python -m facerecog")
