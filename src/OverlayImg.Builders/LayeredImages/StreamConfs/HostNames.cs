using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>Looks up names of users and groups in <c>/etc/passwd</c> and <c>/etc/group</c> of the host.</summary>
internal static class HostNames
{
    private const string Users = "/etc/passwd";
    private const string Groups = "/etc/group";

    /// <summary>The name of a user; empty if the file has none.</summary>
    public static ByteString OfUser(uint uid) => NameOf(uid, Users);

    /// <summary>The name of a group; empty if the file has none.</summary>
    public static ByteString OfGroup(uint gid) => NameOf(gid, Groups);

    // passwd(5) and group(5): lines are NAME:PASSWORD:NUMBER:...
    private static ByteString NameOf(uint id, string file)
    {
        try
        {
            var number = id.ToString(CultureInfo.InvariantCulture);
            var fields = File.ReadLines(file).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == number);
            return fields is null ? ByteString.Empty : ByteString.FromText(fields[0]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without the file no name is known.
            return ByteString.Empty;
        }
    }
}
