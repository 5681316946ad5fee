using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.SystemCalls;

/// <summary>A <c>DIR *</c>.</summary>
internal sealed class DirectoryStreamHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DirectoryStreamHandle(nint stream) : base(ownsHandle: true) => SetHandle(stream);

    protected override bool ReleaseHandle() => LibC.CloseDirectoryStream(handle) == 0;
}
