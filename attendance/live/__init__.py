"""Socket.IO: who is connected, what they hear, what happens by itself."""
