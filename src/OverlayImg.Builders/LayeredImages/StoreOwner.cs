namespace OverlayImg.Builders.LayeredImages;

/// <summary>Who owns the files of store layers.</summary>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Uname">Name of the owner.</param>
/// <param name="Gname">Name of the group.</param>
public sealed record StoreOwner(uint Uid, uint Gid, string Uname, string Gname)
{
    /// <summary>Root.</summary>
    public static StoreOwner Root { get; } = new(0, 0, "root", "root");
}
