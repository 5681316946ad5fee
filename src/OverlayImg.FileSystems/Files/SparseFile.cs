using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>Finds and copies the holes of the host's files.</summary>
public static class SparseFile
{
    private const int BlockUnit = 512;
    private const int CopyUnit = 1 << 18;

    /// <summary>
    /// Lists the data ranges in the first <paramref name="length"/> bytes, ascending. A file system without support for holes reports one range.
    /// </summary>
    /// <returns>Null where the file was truncated during the call.</returns>
    public static IReadOnlyList<DataExtent>? DataExtents(SafeFileHandle file, long length)
    {
        var extents = new List<DataExtent>();
        for (var end = 0L; end < length;)
        {
            var start = LibC.Seek(file, end, LibC.SeekData);
            if (start < 0 && Marshal.GetLastPInvokeError() == Errno.NoDeviceOrAddress) break;
            if (start < 0) return [new(0, length)];
            end = Math.Min(LibC.Seek(file, start, LibC.SeekHole), length);
            if (end <= start) return null;
            extents.Add(new(start, end - start));
        }

        return extents;
    }

    /// <summary>Copies <paramref name="source"/> to a new file. Holes and long runs of zeros become holes.</summary>
    /// <exception cref="IOException">A file can't be read or written, or <paramref name="path"/> exists already.</exception>
    public static void Copy(SafeFileHandle source, string path, CancellationToken cancellationToken)
    {
        using var copy = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        Copy(source, copy, path, cancellationToken);
    }

    /// <summary>Copies <paramref name="source"/> to an open, empty file. Holes and long runs of zeros become holes.</summary>
    /// <param name="source">A handle that is open for reading.</param>
    /// <param name="copy">A handle that is open for writing.</param>
    /// <param name="path">The path for messages.</param>
    /// <exception cref="IOException">A file can't be read or written.</exception>
    public static void Copy(SafeFileHandle source, SafeFileHandle copy, string path, CancellationToken cancellationToken)
    {
        var length = RandomAccess.GetLength(source);
        var extents = DataExtents(source, length) ?? throw new IOException($"{path}: the source file was truncated while it was copied");
        RandomAccess.SetLength(copy, length);
        var buffer = new byte[CopyUnit];
        foreach (var extent in extents)
        {
            for (var (offset, end) = (extent.Offset, extent.Offset + extent.Length); offset < end;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(CopyUnit, end - offset));
                var count = RandomAccess.Read(source, piece, offset);
                if (count == 0) throw new IOException($"{path}: the source file was truncated while it was copied");
                if (piece[..count].ContainsAnyExcept((byte)0)) RandomAccess.Write(copy, piece[..count], offset);
                offset += count;
            }
        }
    }

    /// <summary>Number of bytes that the file occupies in its file system; 0 where the file does not exist.</summary>
    public static long AllocatedBytes(string path) =>
        LibC.TryStat(LibC.WorkingDirectory, [.. ByteString.FromText(path).Span, 0], out var status) ? (long)status.Blocks * BlockUnit : 0;
}
