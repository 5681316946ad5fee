using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.FileSystems;

/// <summary>Files of the host that have holes.</summary>
public static class SparseFile
{
    private const int BlockUnit = 512;

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

    /// <summary>How many bytes of its file system's room a file takes; 0 where there is no such file.</summary>
    public static long AllocatedBytes(string path) =>
        LibC.TryStat(LibC.WorkingDirectory, [.. ByteString.FromText(path).Span, 0], out var status) ? (long)status.Blocks * BlockUnit : 0;
}
