"""Flask's extensions, created here and bound in the factory."""

from __future__ import annotations

from flask_jwt_extended import JWTManager
from flask_socketio import SocketIO

jwt = JWTManager()
socketio = SocketIO()
