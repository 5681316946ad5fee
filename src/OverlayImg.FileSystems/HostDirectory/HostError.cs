using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Makes exceptions for errors that occur while a file of the host is read.</summary>
internal static class HostError
{
    /// <summary>Makes the exception for errno <paramref name="error"/> at <paramref name="name"/> in <paramref name="place"/>.</summary>
    public static OverlayImgException Of(int error, HostPlace place, ByteString name) => error switch
    {
        Errno.NoEntry or Errno.NotADirectory or Errno.TooManyLinks or Errno.Stale or Errno.NoDeviceOrAddress => Changed(place, name),
        Errno.AccessDenied or Errno.NotPermitted => new MachineException(
            $"{place.Start}: {Described(place, name)} can't be read: {Errno.Text(error)}")
        {
            Advice = "Run as a user who may read the file, or leave the file out.",
        },
        _ => new MachineException($"{place.Start}: {Described(place, name)} can't be read: {Errno.Text(error)}"),
    };

    /// <summary>Makes the exception for a file that differs from the file that was scanned.</summary>
    public static InputException Changed(HostPlace place, ByteString name) =>
        new("changed while it was read", Location(place, name)) { Advice = "Wait until nothing writes to the directory, or copy the directory." };

    /// <summary>The location of <paramref name="name"/> in the directory <paramref name="place"/>, for a message.</summary>
    public static InputLocation Location(HostPlace place, ByteString name) => new(place.Start.ToString(), Path: Described(place, name));

    private static string Described(HostPlace place, ByteString name) => place.RelativePath(name).ToString();
}
