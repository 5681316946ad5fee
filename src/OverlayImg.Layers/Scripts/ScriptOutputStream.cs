using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Scripts;

/// <summary>Forwards the output of scripts as build events.</summary>
internal sealed class ScriptOutputStream(IProgress<BuildEvent> progress) : WriteOnlyStream
{
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => progress.Report(new ScriptOutput(buffer.ToArray()));
}
