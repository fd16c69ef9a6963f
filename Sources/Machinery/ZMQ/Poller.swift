import CZMQ
import Glibc

/// Waits until one of several sockets and file descriptors is ready.
///
/// Items are named by the index that `add` returned. The poller belongs to the thread that owns the sockets, and every
/// socket added must live as long as waiting goes on. Waiting allocates nothing for up to 16 items.
package struct Poller: ~Copyable {
    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }

        /// Something can be received.
        package static let `in` = Interest(rawValue: Int16(ZMQ_POLLIN))
        /// A message can be sent without `wouldBlock`. A ROUTER is writable as long as it has any peer with room.
        package static let out = Interest(rawValue: Int16(ZMQ_POLLOUT))
    }

    /// Sockets and descriptors at most.
    package let itemsMax: Int
    package private(set) var count = 0
    private let items: UnsafeMutablePointer<zmq_pollitem_t>

    package init(itemsMax: Int = 16) {
        precondition(itemsMax > 0, "a poller polls something")
        self.itemsMax = itemsMax
        items = .allocate(capacity: itemsMax)
    }

    deinit { items.deallocate() }

    package mutating func add(_ socket: borrowing Socket, interest: Interest = .in) -> Int {
        append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: interest.rawValue, revents: 0))
    }

    package mutating func add(fileDescriptor: Int32, interest: Interest = .in) -> Int {
        append(zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: interest.rawValue, revents: 0))
    }

    /// Changes what is waited for from the next `wait` on; an empty set lets the item rest.
    package mutating func setInterest(_ interest: Interest, at index: Int) {
        items[checked(index)].events = interest.rawValue
    }

    /// - Parameter timeoutMilliseconds: 0 looks without waiting; -1 waits without limit.
    /// - Returns: How many items are ready; 0 after the timeout or a signal, which are alike to a loop that looks at
    ///   its clock on every turn.
    package mutating func wait(timeoutMilliseconds: Int) throws(ZMQError) -> Int {
        let ready = zmq_poll(items, Int32(count), timeoutMilliseconds)
        if ready >= 0 { return Int(ready) }
        let code = zmq_errno()
        guard code == EINTR else { throw ZMQError(code: code, operation: .poll) }
        for index in 0..<count { items[index].revents = 0 }
        return 0
    }

    /// As of the last `wait`. A broken descriptor counts as readable: reading it tells what is wrong.
    package func isReadable(_ index: Int) -> Bool {
        items[checked(index)].revents & Int16(ZMQ_POLLIN | ZMQ_POLLERR) != 0
    }

    /// As of the last `wait`.
    package func isWritable(_ index: Int) -> Bool { items[checked(index)].revents & Int16(ZMQ_POLLOUT) != 0 }

    private mutating func append(_ item: zmq_pollitem_t) -> Int {
        precondition(count < itemsMax, "raise itemsMax of this poller")
        (items + count).initialize(to: item)
        count += 1
        return count - 1
    }

    private func checked(_ index: Int) -> Int {
        precondition(index >= 0 && index < count, "no such item in this poller")
        return index
    }
}
