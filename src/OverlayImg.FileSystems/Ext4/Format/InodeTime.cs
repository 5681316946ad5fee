namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// Times of an inode: 32 bits of signed seconds, and an extra field of 2 more bits of seconds (the epoch) below 30 bits of nanoseconds
/// (kernel documentation, <c>filesystems/ext4/inodes</c>, "Inode Timestamps"). Reaches from 1901-12-13 to 2446-05-10.
/// </summary>
internal static class InodeTime
{
    /// <summary>1901-12-13T20:45:52Z.</summary>
    public const long Minimum = int.MinValue;

    /// <summary>2446-05-10T22:38:55Z.</summary>
    public const long Maximum = (3L << 32) + int.MaxValue;

    // Kernels before 3.14 wrote dates before 1970 with all epoch bits set. Until the year 2242, e2fsck takes such bits (which mean 2310-04-04 to
    // 2378-04-22) for that mistake and wants them mended.
    private const long DoubtfulFirst = (3L << 32) + int.MinValue;
    private const long DoubtfulEnd = 3L << 32;

    /// <summary>
    /// The two fields. A time that ext4 can't hold becomes the nearest one that it can: such times come from damaged clocks and headers,
    /// and an image that has one should still run. A time that e2fsck would "repair" becomes the last one before.
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

    /// <summary>The time of the two fields; nanoseconds as they stand there, below 2^30.</summary>
    public static Timestamp Decode(uint seconds, uint extra) => new(unchecked((int)seconds) + ((long)(extra & 3) << 32), (int)(extra >> 2));
}
