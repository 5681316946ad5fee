using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Says in the user's words what an error number means for a file of the host.</summary>
internal static class HostError
{
    /// <summary>The exception for <paramref name="error"/>, which came while reading <paramref name="name"/> in <paramref name="place"/>.</summary>
    public static OverlayImgException Of(int error, HostPlace place, ByteString name) => error switch
    {
        Errno.NoEntry or Errno.NotADirectory or Errno.TooManyLinks or Errno.Stale or Errno.NoDeviceOrAddress => Changed(place, name),
        Errno.AccessDenied or Errno.NotPermitted => new MachineException($"{place.Start}: {Described(place, name)} can't be read: {Errno.Text(error)}")
        {
            Advice = "Run as a user who may read it, or leave it out.",
        },
        _ => new MachineException($"{place.Start}: {Described(place, name)} can't be read: {Errno.Text(error)}"),
    };

    /// <summary>The file is not any more what the scan saw.</summary>
    public static InputException Changed(HostPlace place, ByteString name) =>
        new("changed while it was read", Location(place, name)) { Advice = "Wait until nothing writes to the directory, or take a copy of it." };

    /// <summary>The place for a message.</summary>
    public static InputLocation Location(HostPlace place, ByteString name) => new(place.Start.ToString(), Path: Described(place, name));

    private static string Described(HostPlace place, ByteString name) => place.RelativePath(name).ToString();
}
