import Glibc
import StateServer

// A server for states that scripts start: prints its address when it can be asked, and answers until it is ended.
let server = try await StateServer()
print(server.address)
fflush(nil)
try await server.wait()
