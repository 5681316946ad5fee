using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// The bytes of a file of the host. Reading opens the file, without following a symbolic link that replaced it, and checks that it is the scanned
/// file: same device, inode, size and modification time. Where every change counts, the change time, which no program can set back, takes the
/// place of the modification time.
/// </summary>
internal sealed class HostFileContent : FileContent
{
    private readonly HandleSlot _handles;
    private readonly DirectoryPath _parent;
    private readonly ByteString _name;
    private readonly ulong _device;
    private readonly ulong _ino;
    private readonly Timestamp _time;
    private readonly bool _everyChangeCounts;
    private readonly bool _hasHoles;

    public HostFileContent(HandleSlot handles, DirectoryPath parent, ByteString name, in Statx status, bool everyChangeCounts)
    {
        (_handles, _parent, _name, _everyChangeCounts) = (handles, parent, name, everyChangeCounts);
        (_device, _ino, _time) = (status.Device, status.Ino, TimeOf(status));
        Length = (long)status.Size;
        _hasHoles = status.Blocks * 512 < status.Size;
    }

    public override long Length { get; }

    public override IEnumerable<DataExtent> DataExtents => _hasHoles ? FindDataExtents() : base.DataExtents;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        var handle = _handles.Take(this) ?? Open();
        var isDone = true;
        try
        {
            var end = offset + buffer.Length;
            while (!buffer.IsEmpty)
            {
                var count = RandomAccess.Read(handle, buffer, offset);
                if (count == 0) throw HostError.Changed(_parent, _name);
                buffer = buffer[count..];
                offset += count;
            }

            isDone = end == Length;
            // Detects writes since the file was opened. Every reader reaches the end eventually.
            if (isDone) Check(handle);
        }
        catch (IOException exception)
        {
            throw new MachineException($"{_parent.Start}: {_parent.RelativePath(_name)} can't be read: {exception.Message}", exception);
        }
        finally
        {
            if (isDone) handle.Dispose();
            else _handles.Keep(this, handle);
        }
    }

    private SafeFileHandle Open()
    {
        // Non-blocking, because opening a pipe that replaced the file would wait for a writer.
        var handle = _parent.Open(_name.Span, LibC.OpenNonBlocking) ?? throw HostError.Of(Marshal.GetLastPInvokeError(), _parent, _name);
        try
        {
            Check(handle);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private void Check(SafeFileHandle handle)
    {
        if (!LibC.TryStatOpen(handle, out var status)) throw HostError.Of(Marshal.GetLastPInvokeError(), _parent, _name);
        var isSame = status.Device == _device && status.Ino == _ino && (long)status.Size == Length && TimeOf(status) == _time;
        if (!isSame) throw HostError.Changed(_parent, _name);
    }

    private Timestamp TimeOf(in Statx status) => _everyChangeCounts ? status.ChangeTime : status.ModificationTime;

    private IReadOnlyList<DataExtent> FindDataExtents()
    {
        using var handle = Open();
        return SparseFile.DataExtents(handle, Length) ?? throw HostError.Changed(_parent, _name);
    }
}
