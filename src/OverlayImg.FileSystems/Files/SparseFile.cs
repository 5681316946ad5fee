using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>Files of the host that have holes.</summary>
public static class SparseFile
{
    private const int BlockUnit = 512;
    private const int CopyUnit = 1 << 18;

    /// <summary>What of the first <paramref name="length"/> bytes is no hole, in ascending order. A file system that can't tell calls all of it data.</summary>
    /// <returns>Null where the file became shorter while it was asked.</returns>
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

    /// <summary>Makes a file that is as <paramref name="source"/> is: what is a hole there, or a long run of zeros, is a hole of it.</summary>
    /// <exception cref="IOException">One can't be read or written, or <paramref name="path"/> is there already.</exception>
    public static void Copy(SafeFileHandle source, string path, CancellationToken cancellationToken)
    {
        using var copy = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        Copy(source, copy, path, cancellationToken);
    }

    /// <summary>The same, to a file that is open, and empty.</summary>
    /// <param name="source">What is copied.</param>
    /// <param name="copy">The file.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="IOException">One can't be read or written.</exception>
    public static void Copy(SafeFileHandle source, SafeFileHandle copy, string path, CancellationToken cancellationToken)
    {
        var length = RandomAccess.GetLength(source);
        var extents = DataExtents(source, length) ?? throw new IOException($"{path}: what is copied became shorter");
        RandomAccess.SetLength(copy, length);
        var buffer = new byte[CopyUnit];
        foreach (var extent in extents)
        {
            for (var (offset, end) = (extent.Offset, extent.Offset + extent.Length); offset < end;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(CopyUnit, end - offset));
                var count = RandomAccess.Read(source, piece, offset);
                if (count == 0) throw new IOException($"{path}: what is copied became shorter");
                if (piece[..count].ContainsAnyExcept((byte)0)) RandomAccess.Write(copy, piece[..count], offset);
                offset += count;
            }
        }
    }

    /// <summary>How many bytes of its file system's room a file takes; 0 where there is no such file.</summary>
    public static long AllocatedBytes(string path) =>
        LibC.TryStat(LibC.WorkingDirectory, [.. ByteString.FromText(path).Span, 0], out var status) ? (long)status.Blocks * BlockUnit : 0;
}
