using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.SystemCalls;

/// <summary>Owns a <c>DIR *</c> and closes it with <c>closedir(3)</c>.</summary>
internal sealed class DirectoryStreamHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DirectoryStreamHandle(nint stream) : base(ownsHandle: true) => SetHandle(stream);

    protected override bool ReleaseHandle() => LibC.CloseDirectoryStream(handle) == 0;
}
