"""Flask's extensions, created here and bound in the factory."""

from __future__ import annotations

from flask_jwt_extended import JWTManager
from flask_socketio import SocketIO

jwt = JWTManager()
# A connection's messages are answered one after the other, each when it has been answered.
socketio = SocketIO(async_handlers=False)
