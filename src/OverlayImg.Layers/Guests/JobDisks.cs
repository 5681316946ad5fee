using System.Globalization;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>The disks of a run besides the parents' disks: the upper disk with the contents, and one disk for each mount.</summary>
internal sealed record JobDisks(string Upper, IReadOnlyList<GuestMount> Mounts)
{
    /// <summary>Writes the disks as temporary files.</summary>
    public static JobDisks Write(GuestLayerOptions options, RunInputs inputs, ParentLayers parents, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var upper = session.Scratch.NewPath("upper.ext4");
        var root = UpperContents.Prepare(options, inputs.ReadContents(cancellationToken), parents, session);
        Ext4Writer.Write(UpperDisk.Fresh(root), upper, new() { Size = options.Guest.DiskSize }, cancellationToken);

        var mounts = new List<GuestMount>();
        foreach (var ((source, target), mounted) in options.Guest.Mounts.Zip(inputs.ReadMounts(cancellationToken)))
        {
            session.Step($"Packing {source} for {target}");
            var disk = session.Scratch.NewPath("mount.ext4");
            Ext4Writer.Write(mounted.Tree, disk, new() { ReadOnly = true }, cancellationToken);
            mounts.Add(new(disk, ByteString.FromText(target)) { FileName = mounted.IsFile ? MountedTree.FileName : null });
        }

        return new(upper, mounts);
    }

    /// <summary>Returns the job that uses the disks.</summary>
    public static GuestJob Job(GuestLayerOptions options, ParentLayers parents, JobDisks disks, Session session) => new()
    {
        ParentDisks = parents.Disks,
        UpperDisk = disks.Upper,
        Mounts = disks.Mounts,
        Steps = Steps(options.Scripts),
        Part = options.Scripts.Part,
        Shell = options.Scripts.Shell,
        Scripts = Hooks(options.Scripts).ToDictionary(hook => hook.Place, hook => hook.Script.Text),
        ScriptNames = Hooks(options.Scripts).ToDictionary(hook => hook.Place, hook => hook.Script.Name),
        ImageEnvironment = options.SeesImageVariables ? ImageVariables.Of(parents.Image?.Image.Config.Environment ?? [], session) : [],
        Environment = Variables(options),
        Secrets = options.Guest.Secrets,
        ShadowSetup = options.Scripts.ShadowSetup,
        Timeout = options.Guest.Deadline?.TimeLeft ?? options.Guest.Timeout,
        RunTimeout = options.Guest.Deadline is null ? null : options.Guest.Timeout,
    };

    // SOURCE_DATE_EPOCH comes first, so that the user's variables can override it. Programs that honour it, such as
    // useradd, then write the same bytes every day.
    private static Dictionary<ByteString, ReadOnlyMemory<byte>> Variables(GuestLayerOptions options)
    {
        var variables = new Dictionary<ByteString, ReadOnlyMemory<byte>>
        {
            [new("SOURCE_DATE_EPOCH"u8)] = ByteString.FromText(options.FileTime.Seconds.ToString(CultureInfo.InvariantCulture)).Memory,
        };
        if (options.Scripts.Shell is { } shell) variables[new("TERM"u8)] = ByteString.FromText(shell.Terminal.Type).Memory;
        foreach (var (name, value) in options.Guest.Environment) variables[ByteString.FromText(name)] = value.Memory;
        return variables;
    }

    // shadow-setup runs before the first step. Without a step of the user, an empty script is needed.
    private static JobStep[] Steps(RunScripts scripts) => scripts.Steps.Count == 0 && scripts.ShadowSetup && scripts.Shell is null
        ? [new("shadow-setup", default)]
        : [.. scripts.Steps.Select(script => new JobStep(script.Name, script.Text) { IsCommands = script.IsCommands })];

    private static IEnumerable<(JobScript Place, Script Script)> Hooks(RunScripts scripts)
    {
        (JobScript Place, Script? Script)[] all =
        [
            (JobScript.PreMount, scripts.PreMount), (JobScript.PostMount, scripts.PostMount), (JobScript.ExtraCommands, scripts.ExtraCommands),
            (JobScript.FakeRootCommands, scripts.FakeRootCommands), (JobScript.PostUmount, scripts.PostUmount),
        ];
        return from hook in all where hook.Script is not null select (hook.Place, hook.Script);
    }
}
