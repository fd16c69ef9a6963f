#if canImport(Glibc)
internal import Glibc
#endif

extension UnsafeRawBufferPointer {
    /// Offset of the first line feed, or nil: the C library's search, which looks at many bytes at once.
    public func firstLineFeed() -> Int? {
        guard let start = baseAddress, let found = memchr(start, 0x0A, count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
