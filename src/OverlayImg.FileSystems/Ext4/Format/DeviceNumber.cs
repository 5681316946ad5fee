using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// Device numbers in <c>i_block</c> (kernel, <c>include/linux/kdev_t.h</c>). The first word has a 16-bit form where major and minor number fit into
/// a byte each; else the second word has a 32-bit form. 0:0, the device of overlayfs's whiteouts, is all zeros.
/// </summary>
internal static class DeviceNumber
{
    /// <summary>Largest major number (12 bits).</summary>
    public const uint MaximumMajor = 0xFFF;

    /// <summary>Largest minor number (20 bits).</summary>
    public const uint MaximumMinor = 0xF_FFFF;

    /// <summary>Writes a device number into an <c>i_block</c> of zeros.</summary>
    public static void Write(Span<byte> blockArea, uint major, uint minor)
    {
        if (major < 256 && minor < 256) WriteUInt32LittleEndian(blockArea, (major << 8) | minor);
        else WriteUInt32LittleEndian(blockArea[4..], (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12));
    }

    /// <summary>Reads the device number of an <c>i_block</c> in either form.</summary>
    public static (uint Major, uint Minor) Read(ReadOnlySpan<byte> blockArea)
    {
        var old = ReadUInt32LittleEndian(blockArea);
        if (old != 0) return ((old >> 8) & 0xFF, old & 0xFF);
        var encoded = ReadUInt32LittleEndian(blockArea[4..]);
        return ((encoded & 0xF_FF00) >> 8, (encoded & 0xFF) | ((encoded >> 12) & 0xF_FF00));
    }
}
