using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Reads extended attributes by paths below <c>/proc/self/fd</c>, which stay short at any depth. <c>listxattrat(2)</c> needs Linux 6.13, and
/// <c>flistxattr(2)</c> needs an open file, which symbolic links and unreadable files don't allow.
/// </summary>
internal sealed class HostXattrs
{
    // XATTR_LIST_MAX and XATTR_SIZE_MAX (linux/limits.h), the kernel's limits.
    private readonly byte[] _names = new byte[65536];
    private readonly byte[] _value = new byte[65536];
    private readonly byte[] _path = new byte[512];

    /// <summary>Reads the attributes of <paramref name="name"/> in an open directory, whose path is <paramref name="parent"/>.</summary>
    public ExtendedAttributes Read(SafeFileHandle directory, DirectoryPath parent, ByteString name)
    {
        var path = PathOf(directory, name);
        var size = (int)LibC.ListXattrs(path, _names, _names.Length);
        if (size < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error == Errno.NotSupported ? ExtendedAttributes.None : throw Failed(error, parent, name);
        }

        List<ExtendedAttribute>? attributes = null;
        for (var rest = _names.AsSpan(0, size); !rest.IsEmpty;)
        {
            var attribute = rest[..(rest.IndexOf((byte)0) + 1)];
            rest = rest[attribute.Length..];
            if (!IsTaken(attribute[..^1])) continue;
            if (Value(path, attribute, parent, name) is { } value) (attributes ??= []).Add(new(new(attribute[..^1]), value));
        }

        return attributes is null ? ExtendedAttributes.None : ExtendedAttributes.Of(attributes);
    }

    private static bool IsTaken(ReadOnlySpan<byte> attribute) =>
        attribute.StartsWith("user."u8) || attribute.StartsWith("trusted."u8) || attribute.StartsWith("system.posix_acl_"u8) ||
        (attribute.StartsWith("security."u8) && !attribute.SequenceEqual("security.selinux"u8) && !attribute.SequenceEqual("security.evm"u8));

    private ByteString? Value(ReadOnlySpan<byte> path, ReadOnlySpan<byte> attribute, DirectoryPath parent, ByteString name)
    {
        var size = (int)LibC.GetXattr(path, attribute, _value, _value.Length);
        if (size >= 0) return new(_value.AsSpan(0, size));
        var error = Marshal.GetLastPInvokeError();
        // The attribute was removed since it was listed, or the kernel lists it but does not allow reading it. Both count as absent.
        return error is Errno.NoData or Errno.NotSupported ? null : throw Failed(error, parent, name);
    }

    private ReadOnlySpan<byte> PathOf(SafeFileHandle directory, ByteString name)
    {
        var start = Encoding.ASCII.GetBytes($"/proc/self/fd/{directory.DangerousGetHandle()}/", _path);
        name.Span.CopyTo(_path.AsSpan(start));
        _path[start + name.Length] = 0;
        return _path.AsSpan(0, start + name.Length + 1);
    }

    private static OverlayImgException Failed(int error, DirectoryPath parent, ByteString name) =>
        error == Errno.NoEntry && !Directory.Exists("/proc/self/fd")
            ? new MachineException("Extended attributes can't be read because /proc is not mounted")
            {
                Advice = new("Mount /proc, or leave extended attributes out.", FileSystemSetting.ExtendedAttributes),
            }
            : HostError.Of(error, parent, name);
}
