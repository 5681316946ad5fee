using System.Buffers;
using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>
/// The parameters of a job as the guest is sent them (vm-images/PROTOCOL.md, "Parameters of a job"): names and bytes. No shell text is made, nothing is
/// quoted.
/// </summary>
internal static class JobParameters
{
    private const int MaximumNameLength = 255;

    /// <summary>The line JOB and all parameters, one behind the other: a name and a NUL, the value's length in decimal and a NUL, the value and a NUL.</summary>
    /// <exception cref="ArgumentException">A variable or a mount that can't be expressed: the caller's to refuse.</exception>
    public static byte[] Command(GuestJob job, bool network)
    {
        var parameters = Bytes(job, network);
        return [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"JOB {parameters.Length}\n")), .. parameters.Span];
    }

    private static ReadOnlyMemory<byte> Bytes(GuestJob job, bool network)
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (network) Add(bytes, "network", default);
        if (job.ShadowSetup) Add(bytes, "shadow-setup", default);
        foreach (var (index, mount) in job.Mounts.Index()) Add(bytes, string.Create(CultureInfo.InvariantCulture, $"mounts/{index}"), TargetOf(mount));
        foreach (var (index, cache) in job.Caches.Index()) Add(bytes, string.Create(CultureInfo.InvariantCulture, $"caches/{index}"), TargetOf(cache));
        foreach (var (name, value) in job.Environment) AddVariable(bytes, name, value);
        foreach (var (script, text) in job.Scripts) Add(bytes, $"scripts/{NameOf(script)}", text.Span);
        return bytes.WrittenMemory;
    }

    private static string NameOf(JobScript script) => script switch
    {
        JobScript.PreMount => "pre-mount",
        JobScript.RunAsRoot => "run-as-root",
        JobScript.PostMount => "post-mount",
        JobScript.ExtraCommands => "extra-commands",
        JobScript.FakeRootCommands => "fake-root-commands",
        JobScript.PostUmount => "post-umount",
        _ => throw new ArgumentOutOfRangeException(nameof(script), script, null),
    };

    private static ReadOnlySpan<byte> TargetOf(GuestMount mount) => mount.Target.Span.StartsWith("/"u8) && !mount.Target.Span.Contains((byte)0)
        ? mount.Target.Span
        : throw new ArgumentException($"'{mount.Target}' is no absolute path to mount on.", nameof(mount));

    private static void AddVariable(ArrayBufferWriter<byte> bytes, ByteString name, ReadOnlyMemory<byte> value)
    {
        if (!DirectoryNode.IsValidName(name.Span) || name.Span.Contains((byte)'=') || name.Length > MaximumNameLength || value.Span.Contains((byte)0))
        {
            throw new ArgumentException($"'{name}' can't be a variable of the environment.", nameof(name));
        }

        bytes.Write("environment/"u8);
        Add(bytes, name.Span, value.Span);
    }

    private static void Add(ArrayBufferWriter<byte> bytes, string name, ReadOnlySpan<byte> value) => Add(bytes, Encoding.ASCII.GetBytes(name), value);

    private static void Add(ArrayBufferWriter<byte> bytes, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        bytes.Write(name);
        bytes.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\0{value.Length}\0")));
        bytes.Write(value);
        bytes.Write("\0"u8);
    }
}
