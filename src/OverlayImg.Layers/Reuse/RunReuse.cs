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

/// <summary>A run whose result may be there already, and is kept where it is not: found by what goes into the run (<see cref="RunIdentity"/>).</summary>
internal sealed class RunReuse
{
    private readonly ResultStore _store;
    private readonly Session _session;
    private readonly FileMemory? _memory;
    private readonly bool _isVerified;
    private readonly Digest _key;

    private RunReuse(RunInputs inputs, KnownImage? baseImage, FileMemory? memory, bool isVerified, Digest key, Session session)
    {
        (_store, _session, Inputs, Base) = (new(session), session, inputs, baseImage);
        (_memory, _isVerified, _key) = (memory, isVerified, key);
    }

    /// <summary>What goes into the run, as far as it was opened to be hashed.</summary>
    public RunInputs Inputs { get; }

    /// <summary>The base image; null without one.</summary>
    public KnownImage? Base { get; }

    /// <summary>Finds out what goes into a run, by reading all of it but what is known and the same; null where its result is not to be reused.</summary>
    /// <param name="options">The run.</param>
    /// <param name="withOut">Whether what hooks leave in <c>out</c> is wanted.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">Something that goes in is not there, or can't be used.</exception>
    /// <exception cref="MachineException">There is no guest image, or something may not be read.</exception>
    public static async Task<RunReuse?> BeginAsync(GuestLayerOptions options, bool withOut, Session session)
    {
        if (!options.Guest.Reuse) return null;
        if (options.Guest.Network)
        {
            session.Warn("With a network the result may depend on more than the inputs: it is neither reused nor kept, although that is asked for.",
                GuestSetting.Network, LayerSetting.Reuse);
            return null;
        }

        var cancellationToken = session.CancellationToken;
        var inputs = new RunInputs(options, session);
        var memory = ImageMemory.Of(options.From, "image", session.Cache);
        var known = memory?.Recall() is { } text ? KnownImage.Parse(text) : null;
        if (known is not null) inputs.ExpectBase(known);
        var baseImage = known ?? (await inputs.OpenBaseAsync(cancellationToken) is { } chosen ? KnownImage.Of(chosen) : null);
        options.Closure?.Search(inputs.ReadContents(cancellationToken)?.Tree);
        var identity = new RunIdentity
        {
            Options = options,
            Tool = RunBuild.Identity,
            GuestImage = await DigestOfGuestImageAsync(session),
            BaseLayers = baseImage?.DiffIds,
            Contents = inputs.ReadContents(cancellationToken)?.Tree,
            Mounts = inputs.ReadMounts(cancellationToken),
            Certificates = options.Ready.HasFlag(ReadyContents.CaCertificates) ? CertificateBundle.Read() : null,
            Closure = options.Closure,
            Programs = options.Closure is null ? [] : ReadyFiles.HostProgramsFor(options.Ready, options.Contents),
            WithOut = withOut,
        };
        return new(inputs, baseImage, memory, isVerified: known is not null, identity.Key(cancellationToken), session);
    }

    /// <summary>
    /// The result, if a run of the same inputs left it. It must not be given out before <see cref="VerifyAsync"/> succeeded. The session holds it.
    /// </summary>
    public StoredResult? TryTake() => _store.TryTake(_key) is { } stored ? _session.Own(stored) : null;

    /// <summary>Makes sure that the base image's layers are those that its config means, by hashing them unless that was done to the same file before.</summary>
    /// <exception cref="InputException">A layer is another.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (_isVerified || await Inputs.OpenBaseAsync(cancellationToken) is not { } chosen) return;
        Layer[] unverified = [.. chosen.Image.Layers.DistinctBy(layer => layer.DiffId).Where(layer => !chosen.Verified.Contains(layer))];
        await Parallel.ForEachAsync(unverified, cancellationToken, async (layer, token) => await layer.VerifyAsync(null, token));
        chosen.Verified.Add(unverified);
        RememberBase();
    }

    /// <summary>Keeps a result for later runs. The base image must have been verified.</summary>
    /// <param name="report">What is told of it.</param>
    /// <param name="layerTar">The layer's tar; copied.</param>
    /// <param name="outTar">The tar of what hooks left in <c>out</c>, where it was wanted.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    public void Keep(ResultReport report, string layerTar, string? outTar, CancellationToken cancellationToken)
    {
        RememberBase();
        using var layer = ByteSource.Open(layerTar);
        using var outSource = outTar is null ? null : ByteSource.Open(outTar);
        _store.Keep(_key, report, layer, outSource, cancellationToken);
    }

    // Of an archive that was verified, what is in it.
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
