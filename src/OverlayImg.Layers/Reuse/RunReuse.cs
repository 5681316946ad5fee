using OverlayImg.Caching;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.Ready;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Layers.Reuse;

/// <summary>
/// Finds the result of an earlier run with the same inputs (<see cref="RunIdentity"/>), or stores the result of a new run.
/// </summary>
internal sealed class RunReuse
{
    private readonly ResultStore _store;
    private readonly Session _session;
    private readonly FileMemory? _memory;
    private readonly bool _isVerified;
    private readonly Digest _key;

    /// <summary>Whether the scripts of the run have a network.</summary>
    public bool HasNetwork { get; private init; }

    private RunReuse(RunInputs inputs, KnownImage? baseImage, FileMemory? memory, bool isVerified, Digest key, Session session)
    {
        (_store, _session, Inputs, Base) = (new(session), session, inputs, baseImage);
        (_memory, _isVerified, _key) = (memory, isVerified, key);
    }

    /// <summary>The inputs of the run. Those that were hashed are open.</summary>
    public RunInputs Inputs { get; }

    /// <summary>The base image; null without one.</summary>
    public KnownImage? Base { get; }

    /// <summary>
    /// Hashes the inputs of a run. Files that are known and unchanged are not read again. Null if the result must not be reused.
    /// </summary>
    /// <param name="withOut">Whether the result includes the files that hooks leave in <c>out</c>.</param>
    /// <exception cref="InputException">An input does not exist or can't be used.</exception>
    /// <exception cref="MachineException">There is no guest image, or a file can't be read.</exception>
    public static async Task<RunReuse?> BeginAsync(GuestLayerOptions options, bool withOut, Session session)
    {
        if (!options.Guest.Reuse) return null;
        if (options.Guest is { Network: true, ReuseWithNetwork: false })
        {
            session.Warn("With a network the result may depend on more than the inputs, so it is neither reused nor kept unless both settings for " +
                "reuse are on.", GuestSetting.Network, LayerSetting.Reuse, LayerSetting.ReuseWithNetwork);
            return null;
        }

        var cancellationToken = session.CancellationToken;
        var inputs = new RunInputs(options, session);
        var memory = options.Lower is null ? ImageMemory.Of(options.From, "image", session.Cache) : null;
        var known = memory?.Recall() is { } text ? KnownImage.Parse(text) : null;
        if (known is not null) inputs.ExpectBase(known);
        var baseImage = known ?? (await inputs.OpenBaseAsync(cancellationToken) is { } chosen ? KnownImage.Of(chosen) : null);
        options.Closure?.Search(inputs.ReadContents(cancellationToken)?.Trees ?? []);
        var identity = new RunIdentity
        {
            Options = options,
            Tool = RunBuild.Identity,
            GuestImage = await DigestOfGuestImageAsync(session),
            BaseLayers = baseImage?.DiffIds,
            BaseVariables = options.SeesImageVariables ? baseImage?.Environment ?? [] : [],
            Contents = inputs.ReadContents(cancellationToken)?.Parts ?? [],
            WorkingDirectory = await inputs.WorkingDirectoryAsync(cancellationToken),
            Mounts = inputs.ReadMounts(cancellationToken),
            Certificates = options.Ready.HasFlag(ReadyContents.CaCertificates) ? CertificateBundle.Read() : null,
            Closure = options.Closure,
            Programs = options.Closure is null ? [] : ReadyFiles.HostProgramsFor(options.Ready, options.Contents),
            WithOut = withOut,
        };
        return new(inputs, baseImage, memory, isVerified: known is not null, identity.Key(cancellationToken), session)
        {
            HasNetwork = options.Guest.Network,
        };
    }

    /// <summary>
    /// Returns the result of an earlier run with the same inputs; null if there is none. The result must not be
    /// published before <see cref="VerifyAsync"/> has succeeded. The session holds the result.
    /// </summary>
    public StoredResult? TryTake() => _store.TryTake(_key) is { } stored ? _session.Own(stored) : null;

    /// <summary>Verifies the base image's layers against the diff IDs of its config, unless the same file was verified before.</summary>
    /// <exception cref="InputException">A layer does not have its diff ID.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (_isVerified || await Inputs.OpenBaseAsync(cancellationToken) is not { } chosen) return;
        Layer[] unverified = [.. chosen.Image.Layers.DistinctBy(layer => layer.DiffId).Where(layer => !chosen.Verified.Contains(layer))];
        await Parallel.ForEachAsync(unverified, cancellationToken, async (layer, token) => await layer.VerifyAsync(null, token));
        chosen.Verified.Add(unverified);
        RememberBase();
    }

    /// <summary>Stores a result for later runs. The base image must be verified.</summary>
    /// <param name="layerTar">Path of the layer's tar; copied.</param>
    /// <param name="outTar">
    /// Path of the tar with the files that hooks left in <c>out</c>; null if the result does not include them.
    /// </param>
    public void Keep(ResultReport report, string layerTar, string? outTar, CancellationToken cancellationToken)
    {
        RememberBase();
        using var layer = ByteSource.Open(layerTar);
        using var outSource = outTar is null ? null : ByteSource.Open(outTar);
        _store.Keep(_key, report, layer, outSource, cancellationToken);
    }

    // Only facts about a verified archive are remembered.
    private void RememberBase()
    {
        if (!_isVerified && Base is not null) _memory?.Remember(Base.ToText());
    }

    private static async Task<string> DigestOfGuestImageAsync(Session session)
    {
        var image = GuestImage.Find();
        var memory = FileMemory.Of(session.Cache, ["guest image"], image.KernelPath, image.InitramfsPath);
        if (memory.Recall() is { } known) return known;
        var digest = await image.DigestAsync(session.CancellationToken);
        memory.Remember(digest);
        return digest;
    }
}
