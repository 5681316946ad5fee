namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>s_feature_compat</c>: features that a kernel without support for them may ignore.</summary>
[Flags]
internal enum CompatibleFeatures : uint
{
    None = 0,
    ExtendedAttributes = 0x8,
    DirectoryIndex = 0x20,
    SparseSuper2 = 0x200,
}

/// <summary><c>s_feature_incompat</c>: features that a program must support to read the disk at all.</summary>
[Flags]
internal enum IncompatibleFeatures : uint
{
    None = 0,
    FileType = 0x2,

    /// <summary>The journal has changes that are not written to their final location.</summary>
    Recover = 0x4,
    Extents = 0x40,
    SixtyFourBit = 0x80,
    FlexibleGroups = 0x200,
}

/// <summary><c>s_feature_ro_compat</c>: features that a program that only reads may ignore.</summary>
[Flags]
internal enum ReadOnlyCompatibleFeatures : uint
{
    None = 0,
    LargeFile = 0x2,
    HugeFile = 0x8,
    DirectoryLinks = 0x20,
    ExtraInodeSize = 0x40,

    /// <summary>Kernels mount the disk read-only, whatever the mount options are.</summary>
    ReadOnly = 0x1000,

    /// <summary>The orphan file lists inodes whose deletion is not finished.</summary>
    OrphanPresent = 0x1_0000,
}
