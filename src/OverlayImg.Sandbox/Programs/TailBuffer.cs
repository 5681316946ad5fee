using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Programs;

/// <summary>Keeps the last <paramref name="capacity"/> bytes of an endless stream such as a console or standard error. Thread-safe.</summary>
internal sealed class TailBuffer(int capacity)
{
    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[capacity];
    private long _length;

    /// <summary>Number of bytes appended so far, including those that were dropped.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Appends bytes and drops the oldest ones.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var skipped = Math.Max(0, bytes.Length - capacity);
            var start = (int)((_length + skipped) % capacity);
            var kept = bytes[skipped..];
            var first = Math.Min(kept.Length, capacity - start);
            kept[..first].CopyTo(_ring.AsSpan(start));
            kept[first..].CopyTo(_ring);
            _length += bytes.Length;
        }
    }

    /// <summary>
    /// Returns the last lines, at most <paramref name="count"/>, escaped for display. A line whose beginning was dropped is left out, unless it is
    /// the only one.
    /// </summary>
    public IReadOnlyList<string> LastLines(int count)
    {
        var bytes = ToArray(out var truncated);
        var lines = new List<string>();
        var rest = bytes.AsSpan().TrimEnd("\r\n"u8);
        while (!rest.IsEmpty && lines.Count < count)
        {
            var newline = rest.LastIndexOf((byte)'\n');
            if (newline < 0 && truncated && lines.Count > 0) break;
            lines.Add(DisplayName.Of(rest[(newline + 1)..].TrimEnd((byte)'\r')));
            rest = newline < 0 ? [] : rest[..newline];
        }

        lines.Reverse();
        return lines;
    }

    private byte[] ToArray(out bool truncated)
    {
        lock (_lock)
        {
            truncated = _length > capacity;
            if (!truncated) return _ring.AsSpan(0, (int)_length).ToArray();
            var start = (int)(_length % capacity);
            return [.. _ring.AsSpan(start), .. _ring.AsSpan(0, start)];
        }
    }
}
