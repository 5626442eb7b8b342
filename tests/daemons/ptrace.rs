//! Loaded into User-Mode Linux (`LD_PRELOAD`), in front of the C library's `ptrace`.
//!
//! User-Mode Linux 6.1 keeps 2,696 bytes of vector registers for each of its processes, and the host's kernel takes them
//! back only whole. On a processor with AMX they are 11,008 bytes: the guest's first process dies of `ptrace set fp regs
//! failed, errno = 14`. Here what is missing is filled up as "not in use", which is what it is: nobody may use AMX
//! without having asked for it. And its processes die with it, however it ends: let go, they would go on as processes of
//! the host. `install` compiles this file; it is no part of the tests' program.

use std::ffi::{c_int, c_long, c_uint, c_void};

#[repr(C)]
struct Piece {
    base: *mut u8,
    length: usize,
}

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

const PTRACE: c_long = 101;
const PEEKS: std::ops::RangeInclusive<c_uint> = 1..=3;
const SETOPTIONS: c_uint = 0x4200;
/// `PTRACE_O_EXITKILL`.
const DIES_WITH_TRACER: usize = 0x0010_0000;
const GETREGSET: c_uint = 0x4204;
const SETREGSET: c_uint = 0x4205;
const NT_X86_XSTATE: usize = 0x202;
/// Where the XSAVE header says which parts are in use; those that the guest knows, up to PKRU.
const IN_USE: std::ops::Range<usize> = 512..520;
const KNOWN: u64 = 0x3ff;

// Not on the stack: the caller's is a single page. User-Mode Linux has one thread.
static mut WHOLE: [u8; 1 << 16] = [0; 1 << 16];

/// # Safety
/// As `ptrace(2)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptrace(request: c_uint, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long {
    unsafe {
        let call = |data: *mut c_void| syscall(PTRACE, c_long::from(request), c_long::from(pid), address, data);
        if PEEKS.contains(&request) {
            // The C library returns what is read; the kernel writes it.
            let mut word: c_long = 0;
            let done = call((&raw mut word).cast());
            return if done < 0 { done } else { word };
        }
        if request == SETREGSET && address as usize == NT_X86_XSTATE {
            let given = &*data.cast::<Piece>();
            let whole = &mut *(&raw mut WHOLE);
            let mut piece = Piece { base: whole.as_mut_ptr(), length: whole.len() };
            let place: *mut c_void = (&raw mut piece).cast();
            let got = syscall(PTRACE, c_long::from(GETREGSET), c_long::from(pid), address, place);
            if got == 0 && piece.length > given.length {
                whole.fill(0);
                std::ptr::copy_nonoverlapping(given.base, whole.as_mut_ptr(), given.length);
                let mut used = [0; 8];
                used.copy_from_slice(&whole[IN_USE]);
                whole[IN_USE].copy_from_slice(&(u64::from_le_bytes(used) & KNOWN).to_le_bytes());
                return call(place);
            }
        }
        if request == SETOPTIONS {
            return call((data as usize | DIES_WITH_TRACER) as *mut c_void);
        }
        call(data)
    }
}
