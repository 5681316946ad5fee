namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>s_feature_compat</c>: features that a kernel may ignore.</summary>
[Flags]
internal enum CompatibleFeatures : uint
{
    None = 0,
    ExtendedAttributes = 0x8,
    DirectoryIndex = 0x20,
    SparseSuper2 = 0x200,
}

/// <summary><c>s_feature_incompat</c>: features without which nothing of the disk can be understood.</summary>
[Flags]
internal enum IncompatibleFeatures : uint
{
    None = 0,
    FileType = 0x2,

    /// <summary>The journal holds changes that are not on their place yet.</summary>
    Recover = 0x4,
    Extents = 0x40,
    SixtyFourBit = 0x80,
    FlexibleGroups = 0x200,
}

/// <summary><c>s_feature_ro_compat</c>: features that a reader may ignore.</summary>
[Flags]
internal enum ReadOnlyCompatibleFeatures : uint
{
    None = 0,
    LargeFile = 0x2,
    HugeFile = 0x8,
    DirectoryLinks = 0x20,
    ExtraInodeSize = 0x40,

    /// <summary>The kernel mounts it read-only, whatever it is asked.</summary>
    ReadOnly = 0x1000,

    /// <summary>The orphan file has inodes whose deletion was under way.</summary>
    OrphanPresent = 0x1_0000,
}
