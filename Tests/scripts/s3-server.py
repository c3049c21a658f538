"""An S3 endpoint for tests: moto's, on a free port of loopback, whose requests are answered one after the other.

moto looks at a condition and writes in two steps, so that two writers at once could both be let through; a lock around each
request makes one step of them. Prints the address when it can be asked. Arguments: a certificate and its key, for TLS.
"""

import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


class OneAtATime:
    """An application whose requests wait for one another, their bodies read and their answers made under the lock."""

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            return [b"".join(self.application(environ, start_response))]


certificate = tuple(sys.argv[1:3]) or None
server = make_server(
    "127.0.0.1",
    0,
    OneAtATime(DomainDispatcherApplication(create_backend_app)),
    threaded=True,
    request_handler=QuietHandler,
    ssl_context=certificate,
)
print(f"{'https' if certificate else 'http'}://localhost:{server.server_port}", flush=True)
server.serve_forever()
