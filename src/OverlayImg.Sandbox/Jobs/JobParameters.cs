using System.Buffers;
using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>
/// Encodes a job for the guest (vm-images/PROTOCOL.md, "Parameters of a job"). Values are length-prefixed bytes, so nothing is quoted for a shell.
/// </summary>
internal static class JobParameters
{
    private const int MaximumNameLength = 255;

    /// <summary>
    /// Encodes the line JOB and all parameters. A parameter is a name and a NUL, the value's length in decimal and a NUL, the value and a NUL.
    /// </summary>
    /// <exception cref="ArgumentException">A variable or a mount target can't be encoded. The caller must refuse it before.</exception>
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
        foreach (var (index, mount) in job.Mounts.Index()) Add(bytes, NameOf("mounts", index), TargetOf(mount));
        foreach (var (index, mount) in job.Mounts.Index())
            if (mount.FileName is { } file) Add(bytes, NameOf("mount-files", index), Encoding.UTF8.GetBytes(file));
        foreach (var (index, cache) in job.Caches.Index()) Add(bytes, NameOf("caches", index), TargetOf(cache));
        foreach (var (name, value) in job.ImageEnvironment) AddVariable(bytes, "image-environment/", name, value);
        foreach (var (name, value) in job.Environment) AddVariable(bytes, "environment/", name, value);
        foreach (var secret in job.Secrets) AddSecret(bytes, secret);
        foreach (var (script, text) in job.Scripts) Add(bytes, $"scripts/{NameOf(script)}", text.Span);
        AddSteps(bytes, job);
        if (job.Shell is { } shell) AddShell(bytes, job, shell);
        return bytes.WrittenMemory;
    }

    private static void AddSteps(ArrayBufferWriter<byte> bytes, GuestJob job)
    {
        foreach (var (index, step) in job.Steps.Index())
        {
            if (step.IsCommands && (step.Text.Length is 0 or > JobStep.MaximumCommandsLength || step.Text.Span.Contains((byte)0)))
                throw new ArgumentException($"The commands of step {index + 1} are empty, too long, or have a NUL.", nameof(job));
            var name = index == 0 ? "run-as-root" : string.Create(CultureInfo.InvariantCulture, $"run-as-root-{index + 1}");
            Add(bytes, $"{(step.IsCommands ? "commands" : "scripts")}/{name}", step.Text.Span);
        }
    }

    private static void AddShell(ArrayBufferWriter<byte> bytes, GuestJob job, JobShell shell)
    {
        if (job.Steps.Count > 0) throw new ArgumentException("A job with a shell can have no steps.", nameof(job));
        var size = shell.Terminal.Size;
        Add(bytes, "shell", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size.Rows} {size.Columns}")));
        if (shell.OnCommands is not null) Add(bytes, "record-commands", default);
    }

    private static void AddSecret(ArrayBufferWriter<byte> bytes, GuestSecret secret)
    {
        if (!GuestSecret.IsValidName(secret.Name) || secret.Content.Length > GuestSecret.MaximumLength)
            throw new ArgumentException($"'{secret.Name}' can't be the name of a secret, or the secret is too large.", nameof(secret));
        Add(bytes, $"secrets/{secret.Name}", secret.Content.Span);
    }

    private static string NameOf(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}/{index}");

    private static string NameOf(JobScript script) => script switch
    {
        JobScript.PreMount => "pre-mount",
        JobScript.PostMount => "post-mount",
        JobScript.ExtraCommands => "extra-commands",
        JobScript.FakeRootCommands => "fake-root-commands",
        JobScript.PostUmount => "post-umount",
        _ => throw new ArgumentOutOfRangeException(nameof(script), script, null),
    };

    private static ReadOnlySpan<byte> TargetOf(GuestMount mount) => mount.Target.Span.StartsWith("/"u8) && !mount.Target.Span.Contains((byte)0)
        ? mount.Target.Span
        : throw new ArgumentException($"'{mount.Target}' is not an absolute path without NUL.", nameof(mount));

    private static void AddVariable(ArrayBufferWriter<byte> bytes, string kind, ByteString name, ReadOnlyMemory<byte> value)
    {
        if (!DirectoryNode.IsValidName(name.Span) || name.Span.Contains((byte)'=') || name.Length > MaximumNameLength || value.Span.Contains((byte)0))
        {
            throw new ArgumentException($"'{name}' can't be an environment variable.", nameof(name));
        }

        bytes.Write(Encoding.ASCII.GetBytes(kind));
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
