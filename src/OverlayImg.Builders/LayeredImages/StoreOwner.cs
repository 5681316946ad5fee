namespace OverlayImg.Builders.LayeredImages;

/// <summary>The owner of the files in layers of store paths.</summary>
/// <param name="Uid">User ID.</param>
/// <param name="Gid">Group ID.</param>
/// <param name="Uname">Name of the user, as tar entries state it.</param>
/// <param name="Gname">Name of the group, as tar entries state it.</param>
public sealed record StoreOwner(uint Uid, uint Gid, string Uname, string Gname)
{
    /// <summary>User root (0) and group root (0).</summary>
    public static StoreOwner Root { get; } = new(0, 0, "root", "root");
}
