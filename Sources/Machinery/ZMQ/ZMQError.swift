import CZMQ
import Glibc

/// A refusal of libzmq or of the kernel beneath it, with what to do about it.
///
/// Conditions that belong to normal running (nothing to receive, no room to send, unknown peer, interrupted call) are
/// results of the functions concerned and never arrive here.
package struct ZMQError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried.
    package enum Operation: Equatable, Sendable {
        case createContext, createSocket
        case setOption(String)
        case bind, unbind, connect, disconnect, subscribe
        case send, receive, poll, monitor
        case createWakeup, startThread, makeKeys
    }

    /// `errno` of the failure: a POSIX code, or one of libzmq's own (`ETERM`, `EFSM`, `EMTHREAD`).
    package let code: Int32
    package let operation: Operation
    /// The endpoint concerned, as it was given.
    package let endpoint: String?

    package init(code: Int32, operation: Operation, endpoint: String? = nil) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
    }

    /// The failure that the calling thread's last libzmq call left behind.
    init(_ operation: Operation, endpoint: String? = nil) {
        self.init(code: zmq_errno(), operation: operation, endpoint: endpoint)
    }

    package var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        let reason = String(cString: zmq_strerror(code))
        return "cannot \(operation.words)\(place): \(reason); \(nextStep)"
    }

    /// One sentence: what the reader of the log can do.
    package var nextStep: String {
        switch operation {
        case .bind: bindStep
        case .connect, .disconnect, .unbind: endpointStep
        default: generalStep
        }
    }

    private var bindStep: String {
        let place = endpoint ?? "this endpoint"
        switch code {
        case EADDRINUSE: return "another process is bound to \(place); stop it or choose another port"
        case EADDRNOTAVAIL: return "this machine has no such address; bind to one it has, or to tcp://*:PORT"
        case ENODEV: return "no network interface has this name; use an address, or `*` for all interfaces"
        case EACCES: return "ports below 1024 and foreign directories need rights; choose a port from 1024 up"
        case ENOENT: return "the directory of the ipc endpoint does not exist; create it first"
        default: return endpointStep
        }
    }

    private var endpointStep: String {
        switch code {
        case EINVAL: "write it as tcp://HOST:PORT, ipc://PATH or inproc://NAME"
        case EPROTONOSUPPORT: "use tcp://, ipc:// or inproc://"
        case ENOCOMPATPROTO: "this type of socket cannot use that transport; use tcp://"
        case ENOENT: "nothing is bound or connected there any more; ignore this while shutting down"
        case ENAMETOOLONG: "choose a shorter ipc path (about 100 bytes)"
        default: generalStep
        }
    }

    private var generalStep: String {
        switch code {
        case ETERM: "the context was terminated; leave the loop"
        case EMTHREAD: "the context has no I/O thread left; create it with ioThreads of at least 1"
        case EMFILE, ENFILE: "too many sockets or files are open; raise maxSockets or `ulimit -n`"
        case ENOMEM: "memory is exhausted; lower the high-water marks or give the process more"
        case EAGAIN: "the machine has no room for another thread; raise `ulimit -u`"
        case EFSM: "a REQ or REP socket must send and receive in turn; fix the caller"
        case ENOTSUP: "this libzmq lacks the feature; install one built with it (CURVE needs libsodium)"
        case EINVAL: "a value is outside what libzmq accepts; correct the configuration"
        default: "this is unexpected; report it with the log around it"
        }
    }
}

extension ZMQError.Operation {
    var words: String {
        switch self {
        case .createContext: "create the ZeroMQ context"
        case .createSocket: "create a socket"
        case .setOption(let name): "set the socket option \(name)"
        case .bind: "bind to"
        case .unbind: "unbind from"
        case .connect: "connect to"
        case .disconnect: "disconnect from"
        case .subscribe: "change the subscription"
        case .send: "send"
        case .receive: "receive"
        case .poll: "poll"
        case .monitor: "monitor a socket"
        case .createWakeup: "create a wakeup descriptor"
        case .startThread: "start a thread"
        case .makeKeys: "make CURVE keys"
        }
    }
}
