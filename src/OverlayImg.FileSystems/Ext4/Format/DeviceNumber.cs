using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// Device numbers in <c>i_block</c>: the 16-bit form in the first word where both parts fit into a byte, else the 32-bit form in the second
/// (kernel, <c>include/linux/kdev_t.h</c>). 0:0, overlayfs's whiteout, is zeros.
/// </summary>
internal static class DeviceNumber
{
    /// <summary>12 bits.</summary>
    public const uint MaximumMajor = 0xFFF;

    /// <summary>20 bits.</summary>
    public const uint MaximumMinor = 0xF_FFFF;

    /// <summary>Writes it into an <c>i_block</c> of zeros.</summary>
    public static void Write(Span<byte> blockArea, uint major, uint minor)
    {
        if (major < 256 && minor < 256) WriteUInt32LittleEndian(blockArea, (major << 8) | minor);
        else WriteUInt32LittleEndian(blockArea[4..], (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12));
    }

    /// <summary>Reads it.</summary>
    public static (uint Major, uint Minor) Read(ReadOnlySpan<byte> blockArea)
    {
        var old = ReadUInt32LittleEndian(blockArea);
        if (old != 0) return ((old >> 8) & 0xFF, old & 0xFF);
        var encoded = ReadUInt32LittleEndian(blockArea[4..]);
        return ((encoded & 0xF_FF00) >> 8, (encoded & 0xFF) | ((encoded >> 12) & 0xF_FF00));
    }
}
