using System.Runtime.InteropServices;

namespace OverlayImg.Sandbox.HostScripts;

/// <summary>Processes that end together.</summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;

    /// <summary>Kills every process of the group that <paramref name="leader"/> made; none may be left of it.</summary>
    public static void Kill(int leader) => _ = Send(-leader, SigKill);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
