namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// Times of an inode: signed 32-bit seconds, and an extra field with 2 more bits of seconds (the epoch) in the low bits and 30 bits of nanoseconds
/// (kernel documentation, <c>filesystems/ext4/inodes</c>, "Inode Timestamps"). The range is 1901-12-13 to 2446-05-10.
/// </summary>
internal static class InodeTime
{
    /// <summary>Earliest time: 1901-12-13T20:45:52Z.</summary>
    public const long Minimum = int.MinValue;

    /// <summary>Latest time: 2446-05-10T22:38:55Z.</summary>
    public const long Maximum = (3L << 32) + int.MaxValue;

    // Kernels before 3.14 set both epoch bits for times before 1970. Until the year 2242, e2fsck reports such bits (which stand for 2310-04-04 to
    // 2378-04-22) as this error and offers to repair them.
    private const long DoubtfulFirst = (3L << 32) + int.MinValue;
    private const long DoubtfulEnd = 3L << 32;

    /// <summary>
    /// Encodes a time. A time out of range becomes the nearest possible time: such times come from wrong clocks and damaged headers, and an
    /// image with such a file should still work. A time that e2fsck would "repair" becomes the last time before that range.
    /// </summary>
    public static (uint Seconds, uint Extra) Encode(Timestamp time)
    {
        var representable = time.Seconds switch
        {
            < Minimum => new(Minimum),
            > Maximum => new(Maximum, 999_999_999),
            >= DoubtfulFirst and < DoubtfulEnd => new(DoubtfulFirst - 1, 999_999_999),
            _ => time,
        };
        var seconds = unchecked((int)representable.Seconds);
        var epoch = (uint)((representable.Seconds - seconds) >> 32) & 3;
        return (unchecked((uint)seconds), epoch | ((uint)representable.Nanoseconds << 2));
    }

    /// <summary>Decodes a time. The nanoseconds are not checked and can be up to 2^30 - 1.</summary>
    public static Timestamp Decode(uint seconds, uint extra) => new(unchecked((int)seconds) + ((long)(extra & 3) << 32), (int)(extra >> 2));
}
