using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Makes exceptions for errors that occur while a file of the host is read.</summary>
internal static class HostError
{
    /// <summary>Makes the exception for errno <paramref name="error"/> at <paramref name="name"/> in <paramref name="parent"/>.</summary>
    public static OverlayImgException Of(int error, DirectoryPath parent, ByteString name) => error switch
    {
        Errno.NoEntry or Errno.NotADirectory or Errno.TooManyLinks or Errno.Stale or Errno.NoDeviceOrAddress => Changed(parent, name),
        Errno.AccessDenied or Errno.NotPermitted => new MachineException(
            $"{parent.Start}: {Described(parent, name)} can't be read: {Errno.Text(error)}")
        {
            Advice = "Run as a user who may read the file, or leave the file out.",
        },
        _ => new MachineException($"{parent.Start}: {Described(parent, name)} can't be read: {Errno.Text(error)}"),
    };

    /// <summary>Makes the exception for a file that differs from the file that was scanned.</summary>
    public static InputException Changed(DirectoryPath parent, ByteString name) =>
        new("changed while it was read", Location(parent, name)) { Advice = "Wait until nothing writes to the directory, or copy the directory." };

    /// <summary>The location of <paramref name="name"/> in <paramref name="parent"/>, for a message.</summary>
    public static InputLocation Location(DirectoryPath parent, ByteString name) => new(parent.Start.ToString(), Path: Described(parent, name));

    private static string Described(DirectoryPath parent, ByteString name) => parent.RelativePath(name).ToString();
}
